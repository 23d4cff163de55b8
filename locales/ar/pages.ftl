# الصفحات.

footer-promise = لا نشارك عنوانك مع أحد، وتغادر متى شئت بضغطة واحدة.
to-lists = كل النشرات

lists-title = نشراتنا البريدية
lists-text = اختر ما تريد أن يصلك، ونرسله إلى بريدك.
lists-empty = لا نشرات للاشتراك فيها الآن.

subscribe-button = اشترك
subscribe-latest = اقرأ العدد الأخير
subscribe-next = العدد القادم: { $date }.
subscribe-email = بريدك الإلكتروني
subscribe-name = اسمك
subscribe-optional = (إن شئت)
subscribe-what = سنرسل إليك رسالة تأكيد واحدة. لن يصلك شيء قبل أن تضغط الزر الذي فيها، ويمكنك المغادرة بضغطة واحدة في أي وقت.
subscribe-error-title = خطأ: { $title }
subscribe-use = استعمل { $suggestion }
field-error-text = لا تقبل هذه الخانة إلا نصاً.
field-error-texts = لا تقبل هذه الخانة إلا قائمة نصوص.
name-error = الاسم أطول من اللازم أو فيه رموز لا تُكتب. اختصره، أو اترك الخانة فارغة.

check-mail-title = انظر في بريدك
check-mail-text = أرسلنا رسالة إلى العنوان الذي كتبته. افتحها واتبع رابطها ليبدأ اشتراكك في «{ $list }».
check-mail-hint = قد تتأخر دقائق، وقد تقع في البريد غير المرغوب فيه. إن لم تصل فراجع كتابة العنوان وأعد المحاولة.
check-mail-again = العودة إلى الاشتراك

confirm-title = أكّد اشتراكك
confirm-text = بضغطة واحدة تبدأ «{ $list }» بالوصول إليك.
confirm-button = أكّد الاشتراك
confirm-hint = لم تطلب ذلك؟ أغلق الصفحة ولن يحدث شيء.

confirmed-title = تمّ الاشتراك
confirmed-text = ستصلك «{ $list }» ابتداءً من العدد القادم، وفي ذيل كل رسالة رابط للمغادرة.
confirmed-latest = اقرأ العدد الأخير ريثما يصلك القادم

already-title = اشتراكك مؤكَّد
already-text = أكّدت اشتراكك في «{ $list }» من قبل، ولا حاجة إلى أي خطوة أخرى.

expired-title = انتهت مدة هذا الرابط
expired-text = لم يُؤكَّد الاشتراك في «{ $list }» في المدة المحددة. اطلب رسالة جديدة وستصل إلى العنوان نفسه.
expired-button = أرسل رسالة جديدة

unsubscribe-title = تغادر «{ $list }»؟
unsubscribe-text = بعد الضغط لن يصلك أي عدد منها.
unsubscribe-hint = غيّرت رأيك؟ أغلق الصفحة ويبقى اشتراكك كما هو.

unsubscribed-title = أُلغي اشتراكك
unsubscribed-text = لن يصلك أي عدد من «{ $list }» بعد الآن.
unsubscribed-undo = ضغطت خطأً؟ يمكنك الاشتراك من جديد.
moved-title = انتقل هذا الاشتراك إلى عنوان آخر
moved-text = انتقل الاشتراك في «{ $list }» من هذا العنوان إلى عنوان آخر، ولن يصل إلى هذا العنوان شيء. إن أردت إلغاء الاشتراك أو تعديله فاستخدم الرابط الموجود في أي رسالة وصلت إلى ذلك العنوان.
unsubscribed-again = اشترك من جديد

archive-title = الأعداد السابقة
archive-empty = لم يصدر أي عدد بعد.
archive-feed = تابعها في قارئ الخلاصات (Atom)
archive-subscribe = اشترك في النشرة

digest-subscribe = اشترك في «{ $list }»

error-request = رقم الطلب: { $id }
error-not-found-title = لا صفحة في هذا العنوان
error-not-found-text = ربما كُتب الرابط ناقصاً، أو أُزيلت الصفحة.
error-bad-link-title = هذا الرابط غير صالح
error-bad-link-text = ربما انقطع عند نسخه. افتحه من الرسالة مباشرة، أو انسخه كاملاً.
error-bad-request-title = لم نفهم الطلب
error-bad-request-text = وصلت الاستمارة ناقصة أو تالفة. عُد إليها وأرسلها من جديد.
error-too-large-title = الطلب أكبر مما نقبل
error-too-large-text = لا تحتاج هذه الاستمارة إلا إلى عنوان بريد. عُد إليها وأرسلها من جديد.
error-unsupported-title = لا نقرأ هذا النوع من البيانات
error-unsupported-text = أرسل الاستمارة من صفحتها، أو أرسل البيانات بصيغة JSON.
error-method-title = لا يُطلب هذا العنوان بهذه الطريقة
error-method-text = افتح الصفحة من رابطها واستعمل ما فيها من أزرار.
error-unavailable-title = لا نستطيع تنفيذ طلبك الآن
error-unavailable-text = العطل عندنا وهو عابر في الغالب. حاول بعد دقائق، ولن يضيع شيء.
error-internal-title = وقع خطأ عندنا
error-internal-text = سُجّل الخطأ وسننظر فيه. حاول بعد قليل.
