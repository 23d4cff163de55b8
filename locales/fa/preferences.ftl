# صفحهٔ گزینه‌ها، و آنچه به‌جای لغو اشتراک پیشنهاد می‌شود.

preferences-title = چه دریافت می‌کنید و کی
preferences-for = برای { $address }
preferences-since = مشترک از { $date }
preferences-next = شمارهٔ بعدی: { $time } (به وقت { $zone }).
preferences-paused = متوقف تا { $date }.
preferences-moved = اشتراک‌های این نشانی به نشانی دیگری منتقل شده است. برای پایان دادن به آن‌ها یا تغییرشان، از پیوندی استفاده کنید که در نامه‌های آن نشانی هست.
preferences-none = برای این نشانی اشتراکی نیست.

preferences-note-saved = گزینه‌های شما ذخیره شد؛ از این پس همین برقرار است.
preferences-note-moving = نامهٔ تأییدی به نشانی تازه می‌فرستیم. آن را باز کنید و دکمه‌اش را بزنید تا اشتراک‌هایتان به آنجا منتقل شود. پیش از آن چیزی تغییر نمی‌کند.
preferences-note-left = همهٔ اشتراک‌های شما پایان یافت و از این پس چیزی به شما نمی‌رسد.
preferences-note-back = اشتراک شما مانند پیش برقرار شد.
preferences-note-all-back = اشتراک‌های شما مانند پیش برقرار شد.

preferences-cadence = هر چند وقت یک بار؟
preferences-cadence-list = هر وقت منتشر شود
preferences-cadence-daily = هر روز
preferences-cadence-weekly = هر هفته
preferences-cadence-monthly = هر ماه
preferences-weekday = چه روزی از هفته؟
preferences-monthday = چه روزی از ماه؟
preferences-hour = چه ساعتی؟
preferences-zone = به وقت کدام شهر؟
preferences-zone-hint = ساعتی که برگزیده‌اید در تابستان و زمستان به وقت این شهر حساب می‌شود.
preferences-zone-wrong = این منطقهٔ زمانی را نمی‌شناسیم. شهری را از فهرست برگزینید.

preferences-sections = بخش‌ها
preferences-sections-hint = اگر همه را برگزینید یا هیچ‌کدام را برنگزینید، همه چیز به شما می‌رسد.
preferences-language = زبان نامه‌ها
preferences-language-list = زبان خود خبرنامه
preferences-pause = وقفه
preferences-pause-keep = بدون وقفه
preferences-pause-on = متوقف بماند
preferences-pause-none = اکنون از سر گرفته شود
preferences-pause-two-weeks = دو هفته
preferences-pause-month = یک ماه
preferences-pause-three-months = سه ماه
preferences-wrong = این گزینه در دسترس نیست. یکی از گزینه‌های نمایش‌داده‌شده را برگزینید.
preferences-save = ذخیره

preferences-address = تغییر نشانی
preferences-email = نشانی ایمیل تازهٔ شما
preferences-email-hint = یک نامهٔ تأیید به آنجا می‌فرستیم. تا آن را تأیید نکنید، شماره‌ها همچنان به همین نشانی می‌رسد.
preferences-email-button = تغییر نشانی

preferences-leave = لغو اشتراک و داده‌های شما
preferences-leave-list = لغو اشتراک «{ $list }»
preferences-leave-all = لغو همهٔ اشتراک‌های من
preferences-download = دریافت داده‌های من
preferences-erase = پاک کردن همهٔ اطلاعات من

instead-title = یا کمتر، به‌جای لغو اشتراک
instead-weekly = هفته‌ای یک بار
instead-monthly = ماهی یک بار
instead-pause = یک ماه وقفه
instead-preferences = همهٔ گزینه‌های شما

undo-button = بازگرداندن اشتراک
undo-hint = اشتراک شما با گزینه‌هایش بازمی‌گردد. این دکمه یک ساعت کار می‌کند.
undo-all-hint = همهٔ اشتراک‌های شما با گزینه‌هایشان بازمی‌گردند. این دکمه یک ساعت کار می‌کند.

erase-title = همهٔ اطلاعات شما را پاک کنیم؟
erase-text = همهٔ اشتراک‌های شما پایان می‌یابد و نشانی و سابقهٔ رضایت شما پاک می‌شود. تنها اثری رمزنگاری‌شده نگه می‌داریم که نشانی را نمی‌توان از آن خواند، تا دیگر هرگز به شما نامه ننویسیم. این کار بازگشت‌پذیر نیست.
erase-button = پاک کردن همه چیز
erase-hint = نظرتان عوض شد؟
erase-back = بازگشت به گزینه‌ها

erased-title = همه چیز پاک شد
erased-text = دیگر نه نشانی شما را داریم و نه چیزی دربارهٔ شما، و دیگر به شما نامه نمی‌نویسیم.
