# L’abonnement : à plusieurs lettres, depuis d’autres sites, et les adresses mises en doute ou refusées.

lists-which = Que souhaitez-vous recevoir ?
lists-more = En savoir plus
lists-error-no-list = Choisissez au moins une lettre d’information.
lists-error-unknown-list = L’une des lettres que vous avez choisies n’est plus envoyée. Revoyez votre choix et réessayez.

address-error-typo = Vouliez-vous dire { $suggestion } ? Si l’adresse est juste telle que vous l’avez saisie, appuyez encore une fois sur « S’abonner ».
address-error-no-mail-domain = Ce qui suit le @ ne reçoit pas de courrier. Vérifiez-en l’orthographe, ou utilisez une autre adresse.
address-error-disposable = C’est une adresse temporaire, et la lettre n’y parviendrait pas longtemps. Utilisez une adresse dont vous lisez toujours le courrier.
address-error-role = Personne en particulier ne lit le courrier de cette adresse. Utilisez la vôtre.

check-mail-several = Nous avons envoyé un seul message de confirmation à l’adresse indiquée. Ouvrez-le et suivez son lien pour que commence votre abonnement à tout ce que vous avez choisi.

embed-title = Placez le formulaire sur votre site
embed-text = Copiez l’un des deux textes dans votre page. Le formulaire prend les couleurs et les caractères de votre site, et la provenance de chaque abonnement est conservée avec lui.
embed-plain = Sans script
embed-plain-text = Fonctionne dans tous les navigateurs. Après le bouton, on arrive sur notre page.
embed-scripted = Avec un script
embed-scripted-text = On reste sur votre page et la réponse s’y affiche, si les réglages de la lettre l’autorisent pour votre site. Sinon, tout se passe comme avec le premier.
embed-preview = Aperçu
embed-unknown = L’adresse de cette page nomme des lettres qui n’existent pas : { $lists }
embed-known = Celles-ci existent : { $lists }
