# صفحات اور پیغامات میں مشترک متن۔

language-name = اردو

# گنتی: n صیغہ چنتا ہے، nf عدد ہے جیسا لکھا جاتا ہے۔
count-articles = { $n ->
    [0] کوئی تحریر نہیں
    [one] ایک تحریر
   *[other] { $nf } تحریریں
}

in-sections = { $n ->
    [0] کسی شعبے کے بغیر
    [one] ایک شعبے میں
   *[other] { $nf } شعبوں میں
}

read-on = مزید پڑھیں
read-on-label = مزید پڑھیں: { $title }
read-also = یہ بھی پڑھیں
suggested = شاید آپ کو یہ بھی پسند آئے
popular = مقبول تحریریں
correction = تصحیح
unsubscribe = رکنیت ختم کریں
archive = گزشتہ شمارے
privacy = رازداری
comma = ،
colon = :
quoted = ”{ $name }“
