# Ce qui protège les formulaires.

guard-trap = Laissez ce champ vide
guard-working = Un instant, nous vérifions que c’est bien une personne qui envoie ce formulaire…
guard-failed = La vérification n’a pas abouti. Vous pouvez tout de même envoyer le formulaire ; la page suivante indique comment continuer.
guard-no-script = Votre navigateur n’exécute pas de scripts ici. Appuyez tout de même sur le bouton : une personne examinera d’abord votre demande, et le message pourra se faire attendre.

step-title = Encore une étape
step-text = Appuyez sur le bouton, et nous vous enverrons le message qui confirme votre abonnement à « { $list } ».
step-button = Continuer
step-hint = Ce formulaire vient d’une autre page que la nôtre. Cette étape empêche des programmes d’abonner d’autres personnes à leur insu.
step-json = Envoyez de nouveau la même demande avec ce sceau.

error-too-many-title = Trop d’inscriptions depuis votre réseau
error-too-many-text = De nombreuses inscriptions sont venues de la même connexion en peu de temps.
again-minutes = { $n ->
    [0] Envoyez de nouveau le formulaire maintenant.
    [one] Envoyez de nouveau le formulaire dans une minute.
   *[other] Envoyez de nouveau le formulaire dans { $nf } minutes.
}
again-hours = { $n ->
    [0] Envoyez de nouveau le formulaire maintenant.
    [one] Envoyez de nouveau le formulaire dans une heure.
   *[other] Envoyez de nouveau le formulaire dans { $nf } heures.
}
error-refused-title = Ce formulaire n’a pas été envoyé depuis notre page
error-refused-text = Il vient d’une autre page, ou il est resté ouvert plus d’une journée. Ouvrez-le sur notre site et envoyez-le de là.
