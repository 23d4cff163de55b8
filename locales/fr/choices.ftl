# Le lien vers la page où l’on choisit ce que l’on reçoit, et quand.
choices = Vos choix
