# صفحة الخيارات، وما يُعرض بدل المغادرة.

preferences-title = ما يصلك ومتى
preferences-for = للعنوان { $address }
preferences-since = مشترك منذ { $date }
preferences-next = العدد القادم: { $time } (بتوقيت { $zone }).
preferences-paused = متوقّفة حتى { $date }.
preferences-moved = انتقلت الاشتراكات من هذا العنوان إلى عنوان آخر. إن أردت إلغاءها أو تعديلها فاستخدم الرابط الموجود في أي رسالة وصلت إلى ذلك العنوان.
preferences-none = لا اشتراك قائماً لهذا العنوان.

preferences-note-saved = حُفظت خياراتك، وهذا ما يسري الآن.
preferences-note-moving = سنرسل رسالة تأكيد إلى العنوان الجديد. افتحها واضغط زرّها لتنتقل اشتراكاتك إليه، ولن يتغيّر شيء قبل ذلك.
preferences-note-left = أُلغيت اشتراكاتك كلها، ولن يصلك شيء بعد الآن.
preferences-note-back = عاد اشتراكك كما كان.
preferences-note-all-back = عادت اشتراكاتك كما كانت.

preferences-cadence = كم مرة؟
preferences-cadence-list = كما تصدر النشرة
preferences-cadence-daily = كل يوم
preferences-cadence-weekly = كل أسبوع
preferences-cadence-monthly = كل شهر
preferences-weekday = في أي يوم من الأسبوع؟
preferences-monthday = في أي يوم من الشهر؟
preferences-hour = في أي ساعة؟
preferences-zone = بتوقيت أي مدينة؟
preferences-zone-hint = تُحسب بها الساعة التي اخترتها، صيفاً وشتاءً.
preferences-zone-wrong = لا نعرف هذه المنطقة الزمنية. اختر مدينة من القائمة.

preferences-sections = الأقسام
preferences-sections-hint = إن اخترت الأقسام كلها أو لم تختر شيئاً منها وصلك كل ما فيها.
preferences-language = لغة الرسائل
preferences-language-list = لغة النشرة
preferences-pause = استراحة
preferences-pause-keep = بلا استراحة
preferences-pause-on = تبقى متوقّفة
preferences-pause-none = استأنفها الآن
preferences-pause-two-weeks = أسبوعان
preferences-pause-month = شهر
preferences-pause-three-months = ثلاثة أشهر
preferences-wrong = هذا الخيار غير متاح. اختر واحداً من المعروض.
preferences-save = احفظ

preferences-address = تغيير العنوان
preferences-email = بريدك الإلكتروني الجديد
preferences-email-hint = نرسل إليه رسالة تأكيد واحدة، وتبقى الأعداد تصلك هنا إلى أن تؤكّده.
preferences-email-button = غيّر العنوان

preferences-leave = المغادرة وبياناتك
preferences-leave-list = إلغاء الاشتراك في «{ $list }»
preferences-leave-all = ألغِ اشتراكاتي كلها
preferences-download = حمّل بياناتي
preferences-erase = امحُ كل شيء عني

instead-title = أو أقلّ بدل المغادرة
instead-weekly = مرة في الأسبوع
instead-monthly = مرة في الشهر
instead-pause = استراحة شهر
instead-preferences = كل خياراتك

undo-button = تراجع عن الإلغاء
undo-hint = يعود اشتراكك بخياراته كما كان. يعمل هذا الزر ساعة واحدة.
undo-all-hint = تعود اشتراكاتك كلها بخياراتها كما كانت. يعمل هذا الزر ساعة واحدة.

erase-title = نمحو كل شيء عنك؟
erase-text = تنتهي اشتراكاتك كلها ويُمحى عنوانك وسجلّ موافقتك. نُبقي بصمة مشفّرة لا يُقرأ منها العنوان، كي لا نراسلك بعدها أبداً. لا رجعة في ذلك.
erase-button = امحُ كل شيء
erase-hint = غيّرت رأيك؟
erase-back = عُد إلى خياراتك

erased-title = مُحي كل شيء
erased-text = لم يبقَ عندنا عنوانك ولا شيء عنك، ولن نراسلك بعد الآن.
