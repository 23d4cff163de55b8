# Les messages.

salutation = Bonjour,
salutation-name = Bonjour { $name },

digest-subject = { $list } : { $title }
digest-intro = Voici l’essentiel de ce que nous avons publié : { $articles } { $sections }.
digest-intro-short = Voici l’essentiel de ce que nous avons publié : { $articles }.
digest-why = Vous recevez ce message à l’adresse { $address } en raison de votre abonnement à « { $list } ».
digest-more = Aussi sur le site : { $articles }
view-in-browser = Lire dans le navigateur

confirmation-subject = Confirmez votre abonnement à « { $list } »
confirmation-title = Plus qu’une étape
confirmation-what = On nous a demandé d’envoyer « { $list } », publiée par { $site }, à cette adresse. Si la demande vient de vous, confirmez-la ; aucune édition ne vous parviendra avant.
confirmation-button = Confirmer l’abonnement
confirmation-expires = Le lien est valable jusqu’au { $time } (heure de { $zone }).
confirmation-when = La demande nous est parvenue le { $time } (heure de { $zone }).
confirmation-when-ip = La demande nous est parvenue le { $time } (heure de { $zone }) depuis l’adresse réseau { $ip }.
confirmation-not-you = Ce n’était pas vous ? Ignorez ce message et il ne se passera rien.

notice-subject = Votre abonnement à « { $list } » est actif
notice-title = Vous avez déjà cet abonnement
notice-what = On nous a de nouveau demandé d’abonner cette adresse à « { $list } », publiée par { $site }. Votre abonnement est actif et rien n’y a changé : vous n’avez rien à faire.
notice-not-you = Si la demande ne vient pas de vous, ignorez ce message.
notice-leave = Si vous ne voulez plus de cette lettre, vous pouvez la quitter en un clic :
