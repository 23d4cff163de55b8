# לעורכים: ההודעה על הטיוטה, הדף שלה, מה שמגיע לקוראים, ותיקונים לגיליונות קודמים.

draft-subject = הטיוטה של ”{ $list }” מיום { $date } פתוחה
draft-title = הגיליון הבא מחכה למבט שלך
draft-what = הטיוטה של ”{ $list }” נפתחה. מועד המשלוח: { $time } (שעון { $zone }).
draft-open = פתיחת הטיוטה
draft-nothing = אין צורך לעשות דבר: אם איש לא ישנה אותה היא תישלח כמות שהיא, עם מה שיגיע עד אז.
draft-empty = עדיין אין בה דבר
draft-holds = מה שיש בה עד כה
draft-why = ההודעה הזאת הגיעה אליך משום שכתובתך רשומה בין עורכי ”{ $list }”. הקישור הוא שלך בלבד: מי שמחזיק בו יכול לשנות את הטיוטה.
draft-test-mark = [ניסיון]

alert-subject = אי אפשר לקרוא אחד ממקורות ”{ $list }”
alert-title = אי אפשר לקרוא אחד מהמקורות
alert-what = המקור הזה אינו נקרא מאז { $time } (שעון { $zone }), וכתבותיו חסרות ב”{ $list }”.
alert-next = אנחנו מנסים שוב ושוב; זו ההודעה היחידה בנושא עד שיהיה אפשר לקרוא אותו.

editing-title = הטיוטה של ”{ $list }”
editing-goes-out = מועד המשלוח: { $time } (שעון { $zone }). אם איש לא ישנה דבר היא תישלח כמות שהיא, עם מה שיגיע עד אז.
editing-changed = השינוי האחרון מאת { $who }: { $time }.
editing-command = שורת הפקודה
editing-note-saved = השינויים שלך נשמרו.
editing-note-tested = השינויים שלך נשמרו, והודעת ניסיון בדרך אל { $address }.
editing-note-too-many = השינויים שלך נשמרו. כבר נשלחו אליך עשר הודעות ניסיון של הטיוטה הזאת; התצוגה המקדימה מראה אותו דבר.
editing-introduction = דברי פתיחה
editing-introduction-hint = באים לפני הכתבה הראשונה. שורה ריקה פותחת פסקה חדשה.
editing-lead = הכתבה הראשית
editing-lead-auto = לפי בחירת העלון
editing-article-title = כותרת
editing-place = בגיליון הזה
editing-place-auto = אם יש מקום
editing-place-pin = נעוצה בראש
editing-place-drop = בחוץ
editing-position = מיקום
editing-position-hint = מספר 1 הוא הראשון; יש לתת לכל כתבה את מספר המקום שבו היא צריכה לעמוד.
editing-is-lead = הכתבה הראשית
editing-is-full = אין לה מקום בגיליון הזה
editing-is-dropped = בחוץ
editing-is-pinned = נעוצה
editing-own-title = הכותרת המקורית: { $title }
editing-save = שמירה
editing-preview = שמירה ותצוגה מקדימה
editing-test = שמירה ומשלוח ניסיון אלי
editing-empty = עדיין אין שום דבר חדש. מה שיגיע עד אז יישלח מאליו.
editing-too-long = הטקסט ארוך מדי: { $most } תווים לכל היותר.
editing-stale = בינתיים נשמרו שינויים אחרים מאת { $who }. השינויים שלך נמצאים בשדות ועדיין לא נשמרו; בכל שדה שונה מופיע מתחתיו מה ששמור עכשיו. שמירה נוספת תשים את שלך במקומו.
editing-stored = שמור כרגע: { $value }
editing-discard = ויתור על השינויים שלי והצגת מה ששמור
editing-sent-title = הגיליון של ”{ $list }” נסגר
editing-sent-text = זה מה שמגיע לקוראים עבור { $date }. אי אפשר עוד לשנות אותו.
editing-closed-title = הטיוטה הזאת סגורה
editing-closed-text = שום גיליון לא יוצא עבור { $date }. מה שחדש יבוא בגיליון הבא.

preview-title = מה שיגיע לקוראים
preview-who = עבור מי
preview-all = כל המדורים
preview-nobody = כרגע אף אחד
preview-subject = נושא
preview-letter = ההודעה
preview-text = ההודעה כטקסט פשוט
preview-alone = פתיחת ההודעה לבדה
preview-too-little = לקוראי המדורים האלה לא יגיע דבר: יש מעט מדי חדש עבורם.
preview-back = חזרה לטיוטה
preview-send = משלוח ניסיון אלי
preview-note-tested = הודעת הניסיון בדרך אל { $address }.
preview-note-too-many = כבר נשלחו אליך עשר הודעות ניסיון של הטיוטה הזאת; כאן רואים אותו דבר.

corrections-title = תיקונים

count-readers = { $n ->
    [0] אין קוראים
    [one] קורא אחד
    [two] שני קוראים
   *[other] { $nf } קוראים
}
