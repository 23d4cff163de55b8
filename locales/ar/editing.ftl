# للمحررين: رسالة المسودة وصفحتها وما يصل إلى القراء، وتصويبات الأعداد السابقة.

draft-subject = مسودة «{ $list }» ليوم { $date } مفتوحة
draft-title = العدد القادم جاهز لنظرك
draft-what = فُتحت مسودة «{ $list }»، وموعد صدورها { $time } (بتوقيت { $zone }).
draft-open = افتح المسودة
draft-nothing = لا يلزمك شيء: إن لم يغيّرها أحد صدرت كما هي، مع ما يصل حتى ذلك الحين.
draft-empty = ليس فيها شيء حتى الآن
draft-holds = ما فيها حتى الآن
draft-why = تصلك هذه الرسالة لأنك من محرري «{ $list }». الرابط لك وحدك: من يملكه يستطيع تغيير المسودة.
draft-test-mark = [تجربة]

alert-subject = تعذّرت قراءة مصدر من مصادر «{ $list }»
alert-title = تعذّرت قراءة أحد المصادر
alert-what = تتعذّر قراءة هذا المصدر منذ { $time } (بتوقيت { $zone })، وتغيب مواده عن «{ $list }».
alert-next = نعيد المحاولة مرة بعد مرة، وهذه هي الرسالة الوحيدة عنه إلى أن تعود قراءته.

editing-title = مسودة «{ $list }»
editing-goes-out = موعد صدورها { $time } (بتوقيت { $zone }). إن لم يغيّرها أحد صدرت كما هي، مع ما يصل حتى ذلك الحين.
editing-changed = آخر تغيير من { $who }: { $time }.
editing-command = سطر الأوامر
editing-note-saved = حُفظت تغييراتك.
editing-note-tested = حُفظت تغييراتك، والتجربة في طريقها إلى { $address }.
editing-note-too-many = حُفظت تغييراتك. أُرسلت إليك عشر تجارب من هذه المسودة، والمعاينة تُظهر الشيء نفسه.
editing-introduction = التمهيد
editing-introduction-hint = يسبق المادة الأولى. السطر الفارغ يبدأ فقرة جديدة.
editing-lead = المادة الرئيسية
editing-lead-auto = كما تختارها النشرة
editing-article-title = العنوان
editing-place = في هذا العدد
editing-place-auto = إن اتّسع المكان
editing-place-pin = مثبّتة في الأعلى
editing-place-drop = مستبعدة
editing-position = الترتيب
editing-position-hint = الرقم 1 يأتي أولاً. اكتب للمادة رقم المكان الذي تريده لها.
editing-is-lead = المادة الرئيسية
editing-is-full = لا مكان لها في هذا العدد
editing-is-dropped = مستبعدة
editing-is-pinned = مثبّتة
editing-own-title = عنوانها الأصلي: { $title }
editing-save = احفظ
editing-preview = احفظ وعاين
editing-test = احفظ وأرسل إليّ تجربة
editing-empty = لا جديد حتى الآن. ما يصل قبل الموعد يصدر من تلقاء نفسه.
editing-too-long = النص أطول مما ينبغي: { $most } حرف على الأكثر.
editing-stale = حفظ { $who } تغييرات أخرى في هذه الأثناء. تغييراتك في الحقول ولم تُحفظ بعد، وتحت كل حقل يختلف ما هو محفوظ الآن. احفظ مرة أخرى لتحلّ تغييراتك محلّه.
editing-stored = المحفوظ الآن: { $value }
editing-discard = اترك تغييراتي واعرض المحفوظ
editing-sent-title = اكتمل عدد «{ $list }»
editing-sent-text = هذا ما يصل إلى القراء عن { $date }، ولا يمكن تغييره بعد الآن.
editing-closed-title = أُغلقت هذه المسودة
editing-closed-text = لا يصدر عدد عن { $date }. ما استجدّ يأتي مع العدد القادم.

preview-title = ما سيصل إلى القراء
preview-who = لمن
preview-all = كل الأقسام
preview-nobody = لا أحد حالياً
preview-subject = الموضوع
preview-letter = الرسالة
preview-text = الرسالة نصاً بلا تنسيق
preview-alone = افتح الرسالة وحدها
preview-too-little = لن يصل إلى قراء هذه الأقسام شيء: الجديد فيها أقل مما يكفي.
preview-back = عودة إلى المسودة
preview-send = أرسلها إليّ تجربة
preview-note-tested = التجربة في طريقها إلى { $address }.
preview-note-too-many = أُرسلت إليك عشر تجارب من هذه المسودة، وهنا ترى الشيء نفسه.

corrections-title = تصحيحات

count-readers = { $n ->
    [zero] لا قراء
    [one] قارئ واحد
    [two] قارئان
    [few] { $nf } قراء
    [many] { $nf } قارئاً
   *[other] { $nf } قارئ
}
