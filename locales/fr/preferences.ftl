# La page des choix, et ce qui est proposé au lieu de partir.

preferences-title = Ce que vous recevez, et quand
preferences-for = Pour { $address }
preferences-since = abonnement depuis le { $date }
preferences-next = Prochaine édition : { $time } (heure de { $zone }).
preferences-paused = En pause jusqu’au { $date }.
preferences-moved = Les abonnements de cette adresse sont passés à une autre. Pour y mettre fin ou les modifier, utilisez le lien d’un message reçu à cette autre adresse.
preferences-none = Il n’y a pas d’abonnement pour cette adresse.

preferences-note-saved = Vos choix sont enregistrés ; voici ce qui s’applique désormais.
preferences-note-moving = Nous allons envoyer un message de confirmation à la nouvelle adresse. Ouvrez-le et appuyez sur son bouton pour y transférer vos abonnements. Rien ne change avant.
preferences-note-left = Tous vos abonnements ont pris fin, et vous ne recevrez désormais plus rien.
preferences-note-back = Votre abonnement est rétabli tel qu’il était.
preferences-note-all-back = Vos abonnements sont rétablis tels qu’ils étaient.

preferences-cadence = À quel rythme ?
preferences-cadence-list = À chaque parution
preferences-cadence-daily = Tous les jours
preferences-cadence-weekly = Toutes les semaines
preferences-cadence-monthly = Tous les mois
preferences-weekday = Quel jour de la semaine ?
preferences-monthday = Quel jour du mois ?
preferences-hour = À quelle heure ?
preferences-zone = À l’heure de quelle ville ?
preferences-zone-hint = L’heure choisie est comptée à l’heure de cette ville, été comme hiver.
preferences-zone-wrong = Nous ne connaissons pas ce fuseau horaire. Choisissez une ville dans la liste.

preferences-sections = Rubriques
preferences-sections-hint = Si vous les cochez toutes, ou aucune, vous recevez tout.
preferences-language = Langue des messages
preferences-language-list = Celle de la lettre
preferences-pause = Pause
preferences-pause-keep = Pas de pause
preferences-pause-on = Rester en pause
preferences-pause-none = Reprendre maintenant
preferences-pause-two-weeks = Deux semaines
preferences-pause-month = Un mois
preferences-pause-three-months = Trois mois
preferences-wrong = Ce choix n’est pas disponible. Choisissez parmi ceux qui sont affichés.
preferences-save = Enregistrer

preferences-address = Changer d’adresse
preferences-email = Votre nouvelle adresse e-mail
preferences-email-hint = Nous y envoyons un seul message de confirmation. Les éditions continuent d’arriver ici tant que vous ne l’avez pas confirmée.
preferences-email-button = Changer l’adresse

preferences-leave = Partir, et vos données
preferences-leave-list = Se désabonner de « { $list } »
preferences-leave-all = Mettre fin à tous mes abonnements
preferences-download = Télécharger mes données
preferences-erase = Effacer tout ce qui me concerne

instead-title = Ou moins souvent, au lieu de partir
instead-weekly = Une fois par semaine
instead-monthly = Une fois par mois
instead-pause = Faire une pause d’un mois
instead-preferences = Tous vos choix

undo-button = Annuler le désabonnement
undo-hint = Votre abonnement est rétabli avec vos choix. Ce bouton fonctionne pendant une heure.
undo-all-hint = Tous vos abonnements sont rétablis avec vos choix. Ce bouton fonctionne pendant une heure.

erase-title = Effacer tout ce qui vous concerne ?
erase-text = Tous vos abonnements prennent fin, et votre adresse ainsi que la trace de votre consentement sont effacées. Nous gardons une empreinte chiffrée d’où l’adresse ne peut pas se lire, afin de ne plus jamais vous écrire. C’est irréversible.
erase-button = Tout effacer
erase-hint = Vous avez changé d’avis ?
erase-back = Revenir à vos choix

erased-title = Tout est effacé
erased-text = Nous n’avons plus votre adresse ni rien qui vous concerne, et nous ne vous écrirons plus.
