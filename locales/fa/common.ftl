# آنچه میان صفحه‌ها و نامه‌ها مشترک است.

language-name = فارسی

# شمارش: n صورت را برمی‌گزیند و nf عدد به همان شکلی است که نوشته می‌شود. صفر هم مفرد شمرده می‌شود، پس جدا آمده است.
count-articles = { $n ->
    [0] بدون مطلب
    [one] یک مطلب
   *[other] { $nf } مطلب
}

in-sections = { $n ->
    [0] بدون بخش
    [one] در یک بخش
   *[other] در { $nf } بخش
}

read-on = ادامهٔ مطلب
read-on-label = ادامهٔ مطلب: { $title }
read-also = همچنین بخوانید
suggested = شاید این‌ها را هم بپسندید
popular = پربازدیدها
correction = اصلاحیه
unsubscribe = لغو اشتراک
archive = شماره‌های پیشین
privacy = حریم خصوصی
comma = ،
colon = :
quoted = «{ $name }»
