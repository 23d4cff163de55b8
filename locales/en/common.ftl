# What pages and mails share.

language-name = English

# Counts: n chooses the form, nf is the number as it is written.
count-articles = { $n ->
    [one] one article
   *[other] { $nf } articles
}

in-sections = { $n ->
    [one] in one section
   *[other] in { $nf } sections
}

read-on = Read on
read-on-label = Read on: { $title }
read-also = Read also
suggested = You may also like
popular = Popular posts
correction = Correction
unsubscribe = Unsubscribe
archive = Past editions
privacy = Privacy
comma = ,
colon = :
quoted = “{ $name }”
