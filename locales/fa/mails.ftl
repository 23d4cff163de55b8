# نامه‌ها.

salutation = سلام،
salutation-name = سلام { $name }،

digest-subject = { $list }: { $title }
digest-intro = گزیدهٔ آنچه منتشر کرده‌ایم: { $articles } { $sections }.
digest-intro-short = گزیدهٔ آنچه منتشر کرده‌ایم: { $articles }.
digest-why = این نامه به نشانی { $address } می‌رسد چون مشترک «{ $list }» هستید.
digest-more = همچنین در سایت: { $articles }
view-in-browser = در مرورگر بخوانید

confirmation-subject = اشتراک خود در «{ $list }» را تأیید کنید
confirmation-title = فقط یک گام مانده است
confirmation-what = درخواستی برای فرستادن «{ $list }» از { $site } به این نشانی به ما رسیده است. اگر درخواست از شما بوده است آن را تأیید کنید؛ پیش از آن هیچ شماره‌ای به شما نمی‌رسد.
confirmation-button = تأیید اشتراک
confirmation-expires = پیوند تأیید تا { $time } (به وقت { $zone }) معتبر است.
confirmation-when = این درخواست در { $time } (به وقت { $zone }) به ما رسید.
confirmation-when-ip = این درخواست در { $time } (به وقت { $zone }) از نشانی شبکهٔ { $ip } به ما رسید.
confirmation-not-you = شما نبودید؟ این نامه را نادیده بگیرید؛ هیچ اتفاقی نمی‌افتد.

notice-subject = شما مشترک «{ $list }» هستید
notice-title = شما از پیش مشترک هستید
notice-what = بار دیگر درخواستی برای اشتراک این نشانی در «{ $list }» از { $site } به ما رسید. اشتراک شما برقرار است و چیزی در آن تغییر نکرده است، پس نیازی به هیچ کاری نیست.
notice-not-you = اگر درخواست از شما نبوده است، این نامه را نادیده بگیرید.
notice-leave = اگر دیگر این خبرنامه را نمی‌خواهید، می‌توانید با یک کلیک اشتراک خود را لغو کنید:
