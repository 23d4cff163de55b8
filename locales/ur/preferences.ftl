# ترجیحات کا صفحہ، اور رکنیت ختم کرنے کے بجائے کیا پیش کیا جاتا ہے۔

preferences-title = آپ کو کیا ملے اور کب
preferences-for = { $address } کے لیے
preferences-since = رکنیت کا آغاز: { $date }
preferences-next = اگلا شمارہ: { $time } ({ $zone } کا وقت)۔
preferences-paused = { $date } تک وقفہ ہے۔
preferences-moved = اس پتے کی رکنیتیں دوسرے پتے پر منتقل ہو گئی ہیں۔ انھیں ختم کرنے یا بدلنے کے لیے دوسرے پتے پر آنے والے کسی پیغام کا ربط استعمال کریں۔
preferences-none = اس پتے کی کوئی رکنیت نہیں۔

preferences-note-saved = آپ کی ترجیحات محفوظ ہو گئیں؛ اب یہی لاگو ہیں۔
preferences-note-moving = ہم نئے پتے پر تصدیق کا پیغام بھیجیں گے۔ اسے کھول کر اس کا بٹن دبائیں تو آپ کی رکنیتیں وہاں منتقل ہو جائیں گی۔ اس سے پہلے کچھ نہیں بدلے گا۔
preferences-note-left = آپ کی تمام رکنیتیں ختم ہو گئیں، اور اب آپ کو کچھ نہیں ملے گا۔
preferences-note-back = آپ کی رکنیت پہلے کی طرح بحال ہو گئی۔
preferences-note-all-back = آپ کی رکنیتیں پہلے کی طرح بحال ہو گئیں۔

preferences-cadence = کتنی بار؟
preferences-cadence-list = جب بھی شائع ہو
preferences-cadence-daily = ہر روز
preferences-cadence-weekly = ہر ہفتے
preferences-cadence-monthly = ہر مہینے
preferences-weekday = ہفتے کے کس دن؟
preferences-monthday = مہینے کی کس تاریخ کو؟
preferences-hour = کس وقت؟
preferences-zone = کس شہر کے وقت کے مطابق؟
preferences-zone-hint = آپ کا چنا ہوا وقت گرمی اور سردی دونوں میں اسی شہر کے مطابق ہوگا۔
preferences-zone-wrong = ہم اس ٹائم زون کو نہیں جانتے۔ فہرست میں سے کوئی شہر چنیں۔

preferences-sections = شعبے
preferences-sections-hint = اگر آپ سب چنیں، یا کوئی نہ چنیں، تو آپ کو سب کچھ ملے گا۔
preferences-language = پیغامات کی زبان
preferences-language-list = خبرنامے کی اپنی زبان
preferences-pause = وقفہ
preferences-pause-keep = کوئی وقفہ نہیں
preferences-pause-on = وقفہ جاری رہے
preferences-pause-none = ابھی دوبارہ شروع کریں
preferences-pause-two-weeks = دو ہفتے
preferences-pause-month = ایک مہینہ
preferences-pause-three-months = تین مہینے
preferences-wrong = یہ انتخاب دستیاب نہیں۔ دکھائے گئے انتخابات میں سے ایک چنیں۔
preferences-save = محفوظ کریں

preferences-address = اپنا پتہ بدلیں
preferences-email = آپ کا نیا ای میل پتہ
preferences-email-hint = ہم وہاں تصدیق کا ایک ہی پیغام بھیجیں گے۔ جب تک آپ اس کی تصدیق نہ کریں، شمارے یہیں آتے رہیں گے۔
preferences-email-button = پتہ بدلیں

preferences-leave = رکنیت کا خاتمہ اور آپ کا ڈیٹا
preferences-leave-list = ”{ $list }“ کی رکنیت ختم کریں
preferences-leave-all = میری تمام رکنیتیں ختم کریں
preferences-download = میرا ڈیٹا ڈاؤن لوڈ کریں
preferences-erase = میرے بارے میں سب کچھ مٹا دیں

instead-title = یا رکنیت ختم کرنے کے بجائے کم بار
instead-weekly = ہفتے میں ایک بار
instead-monthly = مہینے میں ایک بار
instead-pause = ایک مہینے کا وقفہ
instead-preferences = آپ کی تمام ترجیحات

undo-button = رکنیت بحال کریں
undo-hint = آپ کی رکنیت اپنی ترجیحات کے ساتھ بحال ہو جائے گی۔ یہ بٹن ایک گھنٹے تک کام کرتا ہے۔
undo-all-hint = آپ کی تمام رکنیتیں اپنی ترجیحات کے ساتھ بحال ہو جائیں گی۔ یہ بٹن ایک گھنٹے تک کام کرتا ہے۔

erase-title = آپ کے بارے میں سب کچھ مٹا دیں؟
erase-text = آپ کی تمام رکنیتیں ختم ہو جائیں گی، اور آپ کا پتہ اور آپ کی رضامندی کا ریکارڈ مٹا دیا جائے گا۔ ہم صرف ایک رمز شدہ نشان رکھیں گے جس سے پتہ پڑھا نہیں جا سکتا، تاکہ ہم آپ کو پھر کبھی نہ لکھیں۔ یہ عمل واپس نہیں ہو سکتا۔
erase-button = سب کچھ مٹا دیں
erase-hint = ارادہ بدل گیا؟
erase-back = اپنی ترجیحات پر واپس جائیں

erased-title = سب کچھ مٹا دیا گیا
erased-text = اب ہمارے پاس نہ آپ کا پتہ ہے اور نہ آپ کے بارے میں کچھ اور، اور ہم آپ کو پھر نہیں لکھیں گے۔
