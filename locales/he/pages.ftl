# הדפים.

footer-promise = איננו מוסרים את הכתובת שלך לאיש, ואפשר לבטל את ההרשמה בלחיצה אחת.
to-lists = כל הניוזלטרים

lists-title = הניוזלטרים שלנו
lists-text = נא לבחור מה לקבל, ואנחנו נשלח לתיבת הדואר שלך.
lists-empty = אין כרגע ניוזלטר שאפשר להירשם אליו.

subscribe-button = הרשמה
subscribe-latest = לקריאת הגיליון האחרון
subscribe-next = הגיליון הבא: { $date }.
subscribe-email = כתובת הדוא״ל שלך
subscribe-name = השם שלך
subscribe-optional = (לא חובה)
subscribe-what = נשלח אליך הודעת אישור אחת. דבר לא יישלח אליך לפני הלחיצה על הכפתור שבה, ואפשר לבטל את ההרשמה בלחיצה אחת בכל עת.
subscribe-error-title = שגיאה: { $title }
subscribe-use = להשתמש ב־{ $suggestion }
field-error-text = השדה הזה מקבל טקסט בלבד.
field-error-texts = השדה הזה מקבל רשימת טקסטים בלבד.
name-error = השם ארוך מדי או שיש בו תווים שאי אפשר לכתוב. נא לקצר אותו או להשאיר את השדה ריק.

check-mail-title = נא לבדוק את תיבת הדואר
check-mail-text = שלחנו הודעה לכתובת שהוקלדה. כדי להתחיל את ההרשמה ל”{ $list }”, נא לפתוח אותה וללחוץ על הקישור שבה.
check-mail-hint = ייתכן שהיא תתעכב כמה דקות, וייתכן שהיא תגיע לתיקיית דואר הזבל. אם היא לא מגיעה, נא לבדוק את הכתובת ולנסות שוב.
check-mail-again = חזרה לטופס

confirm-title = אישור ההרשמה שלך
confirm-text = בלחיצה אחת, הניוזלטר ”{ $list }” מתחיל להגיע אליך.
confirm-button = אישור ההרשמה
confirm-hint = הבקשה אינה שלך? אפשר לסגור את הדף ודבר לא יקרה.

confirmed-title = ההרשמה הושלמה
confirmed-text = הניוזלטר ”{ $list }” יגיע אליך החל בגיליון הבא. בסוף כל הודעה יש קישור לביטול ההרשמה.
confirmed-latest = לקריאת הגיליון האחרון עד שיגיע הבא

already-title = ההרשמה שלך מאושרת
already-text = ההרשמה שלך ל”{ $list }” כבר אושרה; אין צורך לעשות דבר נוסף.

expired-title = תוקף הקישור פג
expired-text = ההרשמה ל”{ $list }” לא אושרה בזמן. אפשר לבקש הודעה חדשה; היא תישלח לאותה כתובת.
expired-button = שליחת הודעה חדשה

unsubscribe-title = לבטל את ההרשמה ל”{ $list }”?
unsubscribe-text = אחרי לחיצה על הכפתור לא יישלח אליך עוד שום גיליון.
unsubscribe-hint = התחרטת? אפשר לסגור את הדף וההרשמה שלך תישאר כפי שהיא.

unsubscribed-title = ההרשמה שלך בוטלה
unsubscribed-text = מעכשיו לא יישלח אליך שום גיליון של ”{ $list }”.
unsubscribed-undo = לחצת בטעות? אפשר להירשם שוב.
moved-title = ההרשמה הזאת עברה לכתובת אחרת
moved-text = ההרשמה ל”{ $list }” עברה מהכתובת הזאת לכתובת אחרת, ודבר אינו מגיע לכאן עוד. כדי לסיים או לשנות אותה, נא להשתמש בקישור שבהודעה שהגיעה לכתובת האחרת.
unsubscribed-again = הרשמה מחדש

archive-title = גיליונות קודמים
archive-empty = עדיין לא יצא שום גיליון.
archive-feed = מעקב בקורא עדכונים (Atom)
archive-subscribe = הרשמה לניוזלטר

digest-subscribe = הרשמה ל”{ $list }”

error-request = מספר הבקשה: { $id }
error-not-found-title = אין דף בכתובת הזאת
error-not-found-text = ייתכן שהקישור אינו שלם או שהדף הוסר.
error-bad-link-title = הקישור הזה אינו תקין
error-bad-link-text = ייתכן שנקטע בעת ההעתקה. נא לפתוח אותו מתוך ההודעה עצמה או להעתיק אותו במלואו.
error-bad-request-title = לא הבנו את הבקשה
error-bad-request-text = הטופס הגיע חסר או פגום. נא לחזור אליו ולשלוח אותו שוב.
error-too-large-title = הבקשה גדולה מכפי שאנו מקבלים
error-too-large-text = הטופס הזה אינו צריך יותר מכתובת דוא״ל. נא לחזור אליו ולשלוח אותו שוב.
error-unsupported-title = איננו קוראים נתונים מהסוג הזה
error-unsupported-text = נא לשלוח את הטופס מהדף שלו, או לשלוח את הנתונים בתצורת JSON.
error-method-title = אין פונים לכתובת הזאת באופן כזה
error-method-text = נא לפתוח את הדף מהקישור שלו ולהשתמש בכפתורים שבו.
error-unavailable-title = איננו יכולים לעשות זאת כרגע
error-unavailable-text = התקלה אצלנו, וככל הנראה היא קצרה. נא לנסות שוב בעוד כמה דקות; דבר לא אבד.
error-internal-title = משהו השתבש אצלנו
error-internal-text = השגיאה נרשמה ואנחנו נבדוק אותה. נא לנסות שוב בעוד זמן קצר.
