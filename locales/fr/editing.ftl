# Pour la rédaction : le message et la page d’un brouillon, ce que reçoivent les lecteurs, et les rectificatifs.

draft-subject = Le brouillon de « { $list } » du { $date } est ouvert
draft-title = La prochaine édition est prête à relire
draft-what = Le brouillon de « { $list } » est ouvert. L’édition part le { $time } (heure de { $zone }).
draft-open = Ouvrir le brouillon
draft-nothing = Vous n’avez rien à faire : l’édition part telle quelle, avec ce qui arrive d’ici là.
draft-empty = Il est encore vide
draft-holds = Ce qu’il contient à présent
draft-why = Vous recevez ce message parce que vous faites partie de la rédaction de « { $list } ». Le lien est à vous seul : qui le possède peut modifier le brouillon.
draft-test-mark = [Essai]

alert-subject = Une source de « { $list } » est illisible
alert-title = Une source est illisible
alert-what = Cette source est en échec depuis le { $time } (heure de { $zone }), et ses articles manquent à « { $list } ».
alert-next = Nous réessayons sans cesse ; ceci est l’unique message à ce sujet jusqu’à ce qu’elle réponde.

editing-title = Le brouillon de « { $list } »
editing-goes-out = L’édition part le { $time } (heure de { $zone }). Si personne ne change rien, elle part telle quelle, avec ce qui arrive d’ici là.
editing-changed = Dernière modification par { $who } : { $time }.
editing-command = la ligne de commande
editing-note-saved = Vos modifications sont enregistrées.
editing-note-tested = Vos modifications sont enregistrées, et un essai part vers { $address }.
editing-note-too-many = Vos modifications sont enregistrées. Dix essais de ce brouillon vous ont déjà été envoyés ; l’aperçu montre la même chose.
editing-introduction = Introduction
editing-introduction-hint = Elle précède le premier article. Une ligne vide commence un nouveau paragraphe.
editing-lead = Article de tête
editing-lead-auto = Laisser choisir la lettre
editing-article-title = Titre
editing-place = Dans cette édition
editing-place-auto = S’il y a de la place
editing-place-pin = Épinglé en tête
editing-place-drop = Écarté
editing-position = Rang
editing-position-hint = Le numéro 1 vient en premier ; donnez à un article le numéro de la place qu’il doit occuper.
editing-is-lead = Article de tête
editing-is-full = Pas de place dans cette édition
editing-is-dropped = Écarté
editing-is-pinned = Épinglé
editing-own-title = Son propre titre : { $title }
editing-save = Enregistrer
editing-preview = Enregistrer et voir l’aperçu
editing-test = Enregistrer et m’envoyer un essai
editing-empty = Rien de nouveau pour l’instant. Ce qui arrive d’ici là part de soi-même.
editing-too-long = C’est trop long : { $most } caractères au plus.
editing-stale = { $who } a enregistré d’autres modifications entre-temps. Les vôtres sont dans les champs et ne sont pas encore enregistrées ; là où elles diffèrent, ce qui est enregistré figure dessous. Enregistrez de nouveau pour les mettre à sa place.
editing-stored = Enregistré à présent : { $value }
editing-discard = Abandonner les miennes et voir ce qui est enregistré
editing-sent-title = « { $list } » est bouclée
editing-sent-text = Voici ce que reçoivent les lecteurs pour le { $date }. Cela ne peut plus être modifié.
editing-closed-title = Ce brouillon est fermé
editing-closed-text = Aucune édition ne part pour le { $date }. Ce qui est nouveau viendra avec la prochaine.

preview-title = Ce que recevraient les lecteurs
preview-who = Pour qui
preview-all = Toutes les rubriques
preview-nobody = personne à présent
preview-subject = Objet
preview-letter = Le message
preview-text = Le message en texte seul
preview-alone = Ouvrir le message seul
preview-too-little = Les lecteurs de ces rubriques ne recevraient rien : il y a trop peu de nouveau pour eux.
preview-back = Retour au brouillon
preview-send = Me l’envoyer en essai
preview-note-tested = L’essai part vers { $address }.
preview-note-too-many = Dix essais de ce brouillon vous ont déjà été envoyés ; vous voyez ici la même chose.

corrections-title = Rectificatifs

count-readers = { $n ->
    [0] aucun lecteur
    [one] un lecteur
   *[other] { $nf } lecteurs
}
