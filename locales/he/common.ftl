# המשותף לדפים ולהודעות.

language-name = עברית

# מניינים: n בוחר את הצורה, ו־nf הוא המספר כפי שהוא נכתב.
count-articles = { $n ->
    [0] אין כתבות
    [one] כתבה אחת
    [two] שתי כתבות
   *[other] { $nf } כתבות
}

in-sections = { $n ->
    [0] ללא מדורים
    [one] במדור אחד
    [two] בשני מדורים
   *[other] ב־{ $nf } מדורים
}

read-on = להמשך הקריאה
read-on-label = להמשך הקריאה: { $title }
read-also = קראו גם
suggested = אולי תאהבו גם
popular = הנקראות ביותר
correction = תיקון
unsubscribe = ביטול ההרשמה
archive = גיליונות קודמים
privacy = פרטיות
comma = ,
colon = :
quoted = ”{ $name }”
