# ההודעות.

salutation = שלום,
salutation-name = שלום { $name },

digest-subject = { $list }: { $title }
digest-intro = הנה מיטב הפרסומים שלנו: { $articles } { $sections }.
digest-intro-short = הנה מיטב הפרסומים שלנו: { $articles }.
digest-why = ההודעה הזאת נשלחה אל { $address } בעקבות ההרשמה ל”{ $list }”.
digest-more = עוד באתר: { $articles }
view-in-browser = לקריאה בדפדפן

confirmation-subject = אישור ההרשמה שלך ל”{ $list }”
confirmation-title = נותר צעד אחד
confirmation-what = התבקשנו לשלוח לכתובת הזאת את ”{ $list }” מאת { $site }. אם הבקשה שלך, נא לאשר אותה; עד אז לא יישלח אליך שום גיליון.
confirmation-button = אישור ההרשמה
confirmation-expires = הקישור תקף עד { $time } (שעון { $zone }).
confirmation-when = הבקשה התקבלה ב{ $time } (שעון { $zone }).
confirmation-when-ip = הבקשה התקבלה ב{ $time } (שעון { $zone }) מכתובת הרשת { $ip }.
confirmation-not-you = הבקשה אינה שלך? אפשר להתעלם מההודעה ודבר לא יקרה.

notice-subject = ההרשמה שלך ל”{ $list }” בתוקף
notice-title = ההרשמה שלך כבר קיימת
notice-what = התקבלה שוב בקשה לרשום את הכתובת הזאת ל”{ $list }” מאת { $site }. ההרשמה שלך בתוקף ודבר בה לא השתנה, ולכן אין צורך לעשות דבר.
notice-not-you = אם הבקשה אינה שלך, אפשר להתעלם מההודעה.
notice-leave = אם אין לך עוד עניין בניוזלטר, אפשר לבטל את ההרשמה בלחיצה אחת:
