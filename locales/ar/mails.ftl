# الرسائل.

salutation = مرحباً،
salutation-name = مرحباً { $name }،

digest-subject = { $list }: { $title }
digest-intro = إليك أبرز ما نشرناه: { $articles } { $sections }.
digest-intro-short = إليك أبرز ما نشرناه: { $articles }.
digest-why = تصلك هذه الرسالة على { $address } لأنك اشتركت في «{ $list }».
digest-more = في الموقع أيضاً: { $articles }
view-in-browser = اقرأها في المتصفّح

confirmation-subject = أكّد اشتراكك في «{ $list }»
confirmation-title = بقيت خطوة واحدة
confirmation-what = وصلنا طلب لإرسال «{ $list }» من { $site } إلى هذا العنوان. إن كان الطلب منك فأكّده، ولن يصلك أي عدد قبل ذلك.
confirmation-button = أكّد الاشتراك
confirmation-expires = يبقى رابط التأكيد صالحاً حتى { $time } (بتوقيت { $zone }).
confirmation-when = وصل الطلب يوم { $time } (بتوقيت { $zone }).
confirmation-when-ip = وصل الطلب يوم { $time } (بتوقيت { $zone }) من عنوان الشبكة { $ip }.
confirmation-not-you = لم تطلب ذلك؟ أهمل هذه الرسالة ولن يحدث شيء.

notice-subject = أنت مشترك في «{ $list }»
notice-title = أنت مشترك من قبل
notice-what = وصلنا طلب جديد للاشتراك بهذا العنوان في «{ $list }» من { $site }. اشتراكك قائم ولم يتغيّر فيه شيء، فلا حاجة إلى أي خطوة.
notice-not-you = إن لم يكن الطلب منك فأهمل هذه الرسالة.
notice-leave = وإن كنت لا تريد النشرة بعد اليوم، فيمكنك المغادرة بضغطة واحدة:
