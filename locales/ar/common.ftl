# ما تشترك فيه الصفحات والرسائل.

language-name = العربية

# الأعداد: n تختار الصيغة، وnf هي الرقم مكتوباً.
count-articles = { $n ->
    [zero] لا مواد
    [one] مادة واحدة
    [two] مادتان
    [few] { $nf } مواد
    [many] { $nf } مادة
   *[other] { $nf } مادة
}

in-sections = { $n ->
    [zero] بلا أقسام
    [one] في قسم واحد
    [two] في قسمين
    [few] في { $nf } أقسام
    [many] في { $nf } قسماً
   *[other] في { $nf } قسم
}

read-on = تابع القراءة
read-on-label = تابع القراءة: { $title }
read-also = اقرأ أيضاً
suggested = قد يعجبك أيضاً
popular = الأكثر قراءة
correction = تصحيح
unsubscribe = إلغاء الاشتراك
archive = الأعداد السابقة
privacy = الخصوصية
comma = ،
colon = :
quoted = «{ $name }»
