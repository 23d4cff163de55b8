# پیغامات۔

salutation = السلام علیکم،
salutation-name = السلام علیکم { $name }،

digest-subject = { $list }: { $title }
digest-intro = ہماری شائع کردہ منتخب تحریریں پیش ہیں: { $articles }، { $sections }۔
digest-intro-short = ہماری شائع کردہ منتخب تحریریں پیش ہیں: { $articles }۔
digest-why = یہ پیغام { $address } پر اس لیے آیا ہے کہ آپ نے ”{ $list }“ کی رکنیت لی تھی۔
digest-more = ویب سائٹ پر مزید: { $articles }
view-in-browser = براؤزر میں پڑھیں

confirmation-subject = ”{ $list }“ کی رکنیت کی تصدیق کریں
confirmation-title = بس ایک قدم باقی ہے
confirmation-what = ہم سے درخواست کی گئی کہ { $site } کا ”{ $list }“ اس پتے پر بھیجا جائے۔ اگر درخواست آپ کی تھی تو تصدیق کر دیں؛ اس سے پہلے آپ کو کوئی شمارہ نہیں ملے گا۔
confirmation-button = رکنیت کی تصدیق کریں
confirmation-expires = ربط اس وقت تک کارآمد ہے: { $time } ({ $zone } کا وقت)۔
confirmation-when = درخواست کا وقت: { $time } ({ $zone } کا وقت)۔
confirmation-when-ip = درخواست کا وقت: { $time } ({ $zone } کا وقت)، نیٹ ورک کا پتہ: { $ip }۔
confirmation-not-you = یہ آپ نہیں تھے؟ اس پیغام کو نظر انداز کر دیں، کچھ نہیں ہوگا۔

notice-subject = ”{ $list }“ کے لیے آپ کی رکنیت قائم ہے
notice-title = آپ کی رکنیت پہلے سے موجود ہے
notice-what = ہم سے پھر درخواست کی گئی کہ اس پتے کو { $site } کے ”{ $list }“ کی رکنیت دی جائے۔ آپ کی رکنیت قائم ہے اور اس میں کچھ نہیں بدلا، اس لیے کچھ کرنے کی ضرورت نہیں۔
notice-not-you = اگر درخواست آپ کی نہیں تھی تو اس پیغام کو نظر انداز کر دیں۔
notice-leave = اگر آپ کو یہ خبرنامہ اب نہیں چاہیے تو ایک کلک سے رکنیت ختم کر سکتے ہیں:
