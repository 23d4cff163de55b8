# مدیران کے لیے: مسودے کا پیغام اور صفحہ، قارئین کو کیا ملے گا، اور گزشتہ شماروں کی تصحیح۔

draft-subject = ”{ $list }“ کا { $date } کا مسودہ کھلا ہے
draft-title = اگلا شمارہ آپ کی نظر کے لیے تیار ہے
draft-what = ”{ $list }“ کا مسودہ کھل گیا ہے۔ یہ { $time } ({ $zone } کے وقت) پر بھیجا جائے گا۔
draft-open = مسودہ کھولیں
draft-nothing = آپ کو کچھ کرنے کی ضرورت نہیں: اگر کسی نے اسے نہ بدلا تو یہ جیسا ہے ویسا ہی جائے گا، اور جو تب تک آئے گا وہ بھی۔
draft-empty = اس میں ابھی کچھ نہیں
draft-holds = اب تک اس میں جو ہے
draft-why = یہ پیغام آپ کو اس لیے ملا کہ آپ ”{ $list }“ کے مدیروں میں سے ہیں۔ یہ لنک صرف آپ کا ہے: جس کے پاس یہ ہو وہ مسودہ بدل سکتا ہے۔
draft-test-mark = [آزمائش]

alert-subject = ”{ $list }“ کا ایک ماخذ پڑھا نہیں جا رہا
alert-title = ایک ماخذ پڑھا نہیں جا رہا
alert-what = یہ ماخذ { $time } ({ $zone } کے وقت) سے پڑھا نہیں جا رہا، اور اس کی تحریریں ”{ $list }“ میں نہیں ہیں۔
alert-next = بار بار کوشش کی جا رہی ہے؛ جب تک یہ پڑھا نہ جائے، اس کے بارے میں یہی ایک پیغام ہے۔

editing-title = ”{ $list }“ کا مسودہ
editing-goes-out = یہ { $time } ({ $zone } کے وقت) پر بھیجا جائے گا۔ اگر کسی نے کچھ نہ بدلا تو یہ جیسا ہے ویسا ہی جائے گا، اور جو تب تک آئے گا وہ بھی۔
editing-changed = آخری تبدیلی { $who } کی طرف سے: { $time }۔
editing-command = کمانڈ لائن
editing-note-saved = آپ کی تبدیلیاں محفوظ ہو گئیں۔
editing-note-tested = آپ کی تبدیلیاں محفوظ ہو گئیں، اور آزمائشی پیغام { $address } کی طرف جا رہا ہے۔
editing-note-too-many = آپ کی تبدیلیاں محفوظ ہو گئیں۔ اس مسودے کے دس آزمائشی پیغام آپ کو بھیجے جا چکے ہیں؛ پیش نظارہ وہی دکھاتا ہے۔
editing-introduction = تمہید
editing-introduction-hint = پہلی تحریر سے پہلے آتی ہے۔ خالی سطر سے نیا پیراگراف شروع ہوتا ہے۔
editing-lead = مرکزی تحریر
editing-lead-auto = نیوز لیٹر کے انتخاب پر
editing-article-title = عنوان
editing-place = اس شمارے میں
editing-place-auto = اگر جگہ ہو
editing-place-pin = سب سے پہلے
editing-place-drop = شامل نہیں
editing-position = ترتیب
editing-position-hint = نمبر 1 سب سے پہلے آتا ہے؛ تحریر کو اس جگہ کا نمبر دیں جہاں وہ آنی چاہیے۔
editing-is-lead = مرکزی تحریر
editing-is-full = اس شمارے میں جگہ نہیں
editing-is-dropped = شامل نہیں
editing-is-pinned = سب سے پہلے رکھی گئی
editing-own-title = اس کا اپنا عنوان: { $title }
editing-save = محفوظ کریں
editing-preview = محفوظ کریں اور دیکھیں
editing-test = محفوظ کریں اور مجھے آزمائشی پیغام بھیجیں
editing-empty = ابھی کچھ نیا نہیں۔ جو تب تک آئے گا وہ خود بخود بھیجا جائے گا۔
editing-too-long = یہ بہت لمبا ہے: زیادہ سے زیادہ { $most } حروف۔
editing-stale = اس دوران { $who } نے دوسری تبدیلیاں محفوظ کی ہیں۔ آپ کی تبدیلیاں خانوں میں ہیں اور ابھی محفوظ نہیں ہوئیں؛ جہاں فرق ہے وہاں نیچے وہ لکھا ہے جو محفوظ ہے۔ اپنی تبدیلیاں اس کی جگہ رکھنے کے لیے دوبارہ محفوظ کریں۔
editing-stored = اس وقت محفوظ: { $value }
editing-discard = میری تبدیلیاں چھوڑ دیں اور محفوظ دکھائیں
editing-sent-title = ”{ $list }“ کا شمارہ مکمل ہو گیا
editing-sent-text = { $date } کے لیے قارئین کو یہی ملے گا۔ اب اسے بدلا نہیں جا سکتا۔
editing-closed-title = یہ مسودہ بند ہے
editing-closed-text = { $date } کے لیے کوئی شمارہ نہیں جائے گا۔ جو نیا ہے وہ اگلے شمارے میں آئے گا۔

preview-title = قارئین کو کیا ملے گا
preview-who = کس کے لیے
preview-all = تمام شعبے
preview-nobody = اس وقت کوئی نہیں
preview-subject = موضوع
preview-letter = پیغام
preview-text = پیغام سادہ متن میں
preview-alone = پیغام کو الگ کھولیں
preview-too-little = ان شعبوں کے قارئین کو کچھ نہیں ملے گا: ان کے لیے نیا بہت کم ہے۔
preview-back = مسودے پر واپس
preview-send = مجھے آزمائش کے طور پر بھیجیں
preview-note-tested = آزمائشی پیغام { $address } کی طرف جا رہا ہے۔
preview-note-too-many = اس مسودے کے دس آزمائشی پیغام آپ کو بھیجے جا چکے ہیں؛ یہاں آپ وہی دیکھ رہے ہیں۔

corrections-title = تصحیحات

count-readers = { $n ->
    [0] کوئی قاری نہیں
    [one] ایک قاری
   *[other] { $nf } قارئین
}
