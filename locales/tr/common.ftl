# Sayfalarla iletilerin ortak metinleri.

language-name = Türkçe

# Sayılar: n biçimi seçer, nf sayının yazılışıdır. Ad, sayıdan sonra çoğul eki almaz.
count-articles = { $n ->
    [0] hiç yazı yok
    [one] bir yazı
   *[other] { $nf } yazı
}

in-sections = { $n ->
    [0] bölümsüz
    [one] bir bölümde
   *[other] { $nf } bölümde
}

read-on = Devamını okuyun
read-on-label = Devamını okuyun: { $title }
read-also = Ayrıca okuyun
suggested = Bunlar da ilginizi çekebilir
popular = En çok okunanlar
correction = Düzeltme
unsubscribe = Abonelikten çıkın
archive = Geçmiş sayılar
privacy = Gizlilik
comma = ,
colon = :
quoted = “{ $name }”
