# דף הבחירות, ומה שמוצע במקום לבטל.

preferences-title = מה מגיע אליך ומתי
preferences-for = עבור { $address }
preferences-since = ההרשמה מאז { $date }
preferences-next = הגיליון הבא: { $time } (שעון { $zone }).
preferences-paused = בהפסקה עד { $date }.
preferences-moved = ההרשמות של הכתובת הזאת עברו לכתובת אחרת. כדי לסיים או לשנות אותן, נא להשתמש בקישור שבהודעה שהגיעה לכתובת האחרת.
preferences-none = אין הרשמה לכתובת הזאת.

preferences-note-saved = הבחירות שלך נשמרו; זה מה שתקף מעכשיו.
preferences-note-moving = נשלח הודעת אישור לכתובת החדשה. נא לפתוח אותה וללחוץ על הכפתור שבה, וההרשמות שלך יעברו לשם. עד אז דבר לא ישתנה.
preferences-note-left = כל ההרשמות שלך הסתיימו, ומעכשיו לא יישלח אליך דבר.
preferences-note-back = ההרשמה שלך חזרה כפי שהייתה.
preferences-note-all-back = ההרשמות שלך חזרו כפי שהיו.

preferences-cadence = באיזו תדירות?
preferences-cadence-list = כשמתפרסם
preferences-cadence-daily = בכל יום
preferences-cadence-weekly = בכל שבוע
preferences-cadence-monthly = בכל חודש
preferences-weekday = באיזה יום בשבוע?
preferences-monthday = באיזה יום בחודש?
preferences-hour = באיזו שעה?
preferences-zone = לפי השעון של איזו עיר?
preferences-zone-hint = השעה שנבחרה נקבעת לפיו, בקיץ ובחורף.
preferences-zone-wrong = אזור הזמן הזה אינו מוכר לנו. נא לבחור עיר מהרשימה.

preferences-sections = מדורים
preferences-sections-hint = אם כולם מסומנים, או אף אחד מהם, הכול יישלח אליך.
preferences-language = שפת ההודעות
preferences-language-list = שפת הניוזלטר
preferences-pause = הפסקה
preferences-pause-keep = ללא הפסקה
preferences-pause-on = להישאר בהפסקה
preferences-pause-none = לחדש עכשיו
preferences-pause-two-weeks = שבועיים
preferences-pause-month = חודש
preferences-pause-three-months = שלושה חודשים
preferences-wrong = הבחירה הזאת אינה זמינה. נא לבחור באחת מהמוצגות.
preferences-save = שמירה

preferences-address = החלפת הכתובת
preferences-email = כתובת הדוא״ל החדשה שלך
preferences-email-hint = נשלח אליה הודעת אישור אחת. הגיליונות ימשיכו להגיע לכאן עד שהכתובת תאושר.
preferences-email-button = החלפת הכתובת

preferences-leave = ביטול ההרשמה והנתונים שלך
preferences-leave-list = ביטול ההרשמה ל”{ $list }”
preferences-leave-all = ביטול כל ההרשמות שלי
preferences-download = הורדת הנתונים שלי
preferences-erase = מחיקת כל מה שנוגע אליי

instead-title = או לעיתים רחוקות יותר, במקום לבטל
instead-weekly = פעם בשבוע
instead-monthly = פעם בחודש
instead-pause = הפסקה של חודש
instead-preferences = כל הבחירות שלך

undo-button = החזרת ההרשמה
undo-hint = ההרשמה שלך תחזור עם הבחירות שלך. הכפתור הזה פועל במשך שעה אחת.
undo-all-hint = כל ההרשמות שלך יחזרו עם הבחירות שלך. הכפתור הזה פועל במשך שעה אחת.

erase-title = למחוק את כל מה שנוגע אליך?
erase-text = כל ההרשמות שלך יסתיימו, והכתובת שלך ותיעוד ההסכמה שלך יימחקו. נשמור רק טביעה מוצפנת שאי אפשר לקרוא ממנה את הכתובת, כדי שלא נכתוב אליך עוד לעולם. אי אפשר לבטל את הפעולה.
erase-button = מחיקת הכול
erase-hint = התחרטת?
erase-back = חזרה לבחירות שלך

erased-title = הכול נמחק
erased-text = לא נותרו בידינו הכתובת שלך או כל דבר אחר שנוגע אליך, ולא נכתוב אליך עוד.
