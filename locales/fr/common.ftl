# Ce que pages et messages ont en commun.

language-name = Français

# Nombres : n choisit la forme, nf est le nombre tel qu’il s’écrit. Zéro se compte comme un : il est écrit à part.
count-articles = { $n ->
    [0] aucun article
    [one] un article
   *[other] { $nf } articles
}

in-sections = { $n ->
    [0] hors rubrique
    [one] dans une rubrique
   *[other] dans { $nf } rubriques
}

read-on = Lire la suite
read-on-label = Lire la suite : { $title }
read-also = À lire aussi
suggested = Vous aimerez aussi
popular = Les plus lus
correction = Rectificatif
unsubscribe = Se désabonner
archive = Éditions précédentes
privacy = Confidentialité
comma = ,
colon =  :
quoted = « { $name } »
