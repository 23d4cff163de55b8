# برای ویراستاران: نامه و صفحهٔ پیش‌نویس، آنچه به خوانندگان می‌رسد، و اصلاح شماره‌های پیشین.

draft-subject = پیش‌نویس «{ $list }» برای { $date } باز است
draft-title = شمارهٔ بعدی آمادهٔ نگاه شماست
draft-what = پیش‌نویس «{ $list }» باز شد. زمان فرستادن آن { $time } (به وقت { $zone }) است.
draft-open = باز کردن پیش‌نویس
draft-nothing = لازم نیست کاری کنید: اگر کسی آن را تغییر ندهد، همین‌گونه فرستاده می‌شود، همراه با آنچه تا آن زمان برسد.
draft-empty = هنوز چیزی در آن نیست
draft-holds = آنچه تاکنون در آن است
draft-why = این نامه به شما می‌رسد چون از ویراستاران «{ $list }» هستید. پیوند تنها برای شماست: هر که آن را داشته باشد می‌تواند پیش‌نویس را تغییر دهد.
draft-test-mark = [آزمایش]

alert-subject = یکی از منابع «{ $list }» خوانده نمی‌شود
alert-title = یکی از منابع خوانده نمی‌شود
alert-what = این منبع از { $time } (به وقت { $zone }) خوانده نمی‌شود و نوشته‌هایش در «{ $list }» نیست.
alert-next = پیوسته دوباره آزموده می‌شود؛ تا زمانی که خوانده شود این تنها نامه دربارهٔ آن است.

editing-title = پیش‌نویس «{ $list }»
editing-goes-out = زمان فرستادن آن { $time } (به وقت { $zone }) است. اگر کسی چیزی را تغییر ندهد، همین‌گونه فرستاده می‌شود، همراه با آنچه تا آن زمان برسد.
editing-changed = آخرین تغییر از { $who }: { $time }.
editing-command = خط فرمان
editing-note-saved = تغییرهای شما ذخیره شد.
editing-note-tested = تغییرهای شما ذخیره شد و نامهٔ آزمایشی در راه { $address } است.
editing-note-too-many = تغییرهای شما ذخیره شد. ده نامهٔ آزمایشی از این پیش‌نویس برای شما فرستاده شده است؛ پیش‌نمایش همان را نشان می‌دهد.
editing-introduction = سرآغاز
editing-introduction-hint = پیش از نخستین نوشته می‌آید. سطر خالی بند تازه‌ای آغاز می‌کند.
editing-lead = نوشتهٔ اصلی
editing-lead-auto = به انتخاب خبرنامه
editing-article-title = عنوان
editing-place = در این شماره
editing-place-auto = اگر جا باشد
editing-place-pin = سنجاق‌شده در آغاز
editing-place-drop = کنار گذاشته
editing-position = جایگاه
editing-position-hint = شمارهٔ ۱ نخست می‌آید؛ برای هر نوشته شمارهٔ جایی را بنویسید که باید در آن بیاید.
editing-is-lead = نوشتهٔ اصلی
editing-is-full = در این شماره جا ندارد
editing-is-dropped = کنار گذاشته
editing-is-pinned = سنجاق‌شده
editing-own-title = عنوان خودش: { $title }
editing-save = ذخیره
editing-preview = ذخیره و پیش‌نمایش
editing-test = ذخیره و فرستادن نامهٔ آزمایشی به من
editing-empty = هنوز چیز تازه‌ای نیست. آنچه تا آن زمان برسد خودبه‌خود فرستاده می‌شود.
editing-too-long = این نوشته بلند است: دست بالا { $most } نویسه.
editing-stale = { $who } در این میان تغییرهای دیگری ذخیره کرده است. تغییرهای شما در خانه‌ها هستند و هنوز ذخیره نشده‌اند؛ هر جا تفاوتی باشد، آنچه ذخیره شده زیر آن آمده است. برای جایگزین کردن تغییرهای خود دوباره ذخیره کنید.
editing-stored = ذخیره‌شدهٔ کنونی: { $value }
editing-discard = رها کردن تغییرهای من و نمایش آنچه ذخیره شده است
editing-sent-title = شمارهٔ «{ $list }» بسته شد
editing-sent-text = این است آنچه برای { $date } به خوانندگان می‌رسد و دیگر تغییرپذیر نیست.
editing-closed-title = این پیش‌نویس بسته است
editing-closed-text = برای { $date } شماره‌ای فرستاده نمی‌شود. آنچه تازه است با شمارهٔ بعدی می‌آید.

preview-title = آنچه به خوانندگان می‌رسد
preview-who = برای چه کسانی
preview-all = همهٔ بخش‌ها
preview-nobody = اکنون هیچ‌کس
preview-subject = موضوع
preview-letter = نامه
preview-text = نامه به صورت متن ساده
preview-alone = باز کردن نامه به تنهایی
preview-too-little = به خوانندگان این بخش‌ها چیزی نمی‌رسد: برای آنان چیز تازه کم است.
preview-back = بازگشت به پیش‌نویس
preview-send = فرستادن آن به من برای آزمایش
preview-note-tested = نامهٔ آزمایشی در راه { $address } است.
preview-note-too-many = ده نامهٔ آزمایشی از این پیش‌نویس برای شما فرستاده شده است؛ اینجا همان را می‌بینید.

corrections-title = اصلاح‌ها

count-readers = { $n ->
    [0] بدون خواننده
    [one] یک خواننده
   *[other] { $nf } خواننده
}
