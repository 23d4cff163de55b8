# Karşılama ve hatırlatma, adres değişikliği, bir daha yazmama, geçmiş sayılar.

reminder-subject = “{ $list }” aboneliğiniz onayınızı bekliyor
reminder-title = Aboneliğiniz henüz tamamlanmadı
reminder-what = Bu adrese { $site } yayını “{ $list }” bültenini göndermemiz istendi, ancak istek şimdiye dek onaylanmadı. İsteği siz yaptıysanız ve bülteni hâlâ istiyorsanız lütfen onaylayın; onaylamadan size hiçbir sayı ulaşmaz.
reminder-only = Bu tek hatırlatmadır. İstek onaylanmazsa bu konuda size bir daha yazmayacağız ve istek silinecek.

welcome-subject = “{ $list }” bültenine hoş geldiniz
welcome-title = Hoş geldiniz
welcome-what = { $site } yayını “{ $list }” bültenine aboneliğiniz tamamlandı.
welcome-next = Sonraki sayı: { $date }.
welcome-why = Bu ileti { $address } adresine, “{ $list }” aboneliğinizi onayladığınız için geliyor.
welcome-choices = Neyi, ne zaman alacağınızı seçin

move-subject = { $site } için yeni adresinizi onaylayın
move-title = Yeni adresiniz bu mu?
move-what = { $from } adresinin { $site } aboneliklerini bu adrese taşımamız istendi: { $lists }. İsteği siz yaptıysanız lütfen onaylayın; onaylamadan hiçbir şey değişmez.
move-button = Abonelikleri buraya taşıyın
move-text = Tek tıklamayla { $from } adresinin abonelikleri, iletinin geldiği adrese taşınır: { $lists }. Ondan sonra eski adrese hiçbir şey ulaşmaz.
move-done-title = Abonelikleriniz taşındı
move-done-text = Abone olduğunuz her şey artık yeni adresinize, seçtiğiniz gibi geliyor. Eski adrese hiçbir şey ulaşmaz.
move-expired-text = Adres değişikliği zamanında onaylanmadı. Yeni bir ileti isteyin; aynı adrese gönderilir.
move-mailed-text = Aynı adrese yeni bir ileti göndereceğiz. İletiyi açıp düğmesine basın; o zamana dek hiçbir şey değişmez.

never-link = Bu adrese bir daha yazmayın
never-title = Bu adrese bir daha yazmayalım mı?
never-text = Düğmeye bastığınızda, { $site } bu adrese artık hiçbir ileti göndermez ve adresin bütün abonelikleri sona erer.
never-hint = Fikrinizi mi değiştirdiniz? Bu sayfayı kapatın, hiçbir şey değişmez.
never-done-title = Bu adrese bir daha yazmayacağız
never-done-text = { $site } tarafından bu adrese gönderilen her şey durduruldu ve adresin abonelikleri sona erdi. Yapmanız gereken başka bir şey yok.
never-gone-title = Bu adrese hiçbir şey gönderilmiyor
never-gone-text = İletinin geldiği adresin artık { $site } için ne bir aboneliği ne de bir isteği var. Yapmanız gereken bir şey yok.

archive-older = Daha eski sayılar
archive-newest = En yeni sayılar
