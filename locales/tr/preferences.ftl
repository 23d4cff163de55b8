# Tercihler sayfası ve abonelikten çıkmak yerine sunulanlar.

preferences-title = Size ne, ne zaman ulaşsın?
preferences-for = { $address } için
preferences-since = abonelik başlangıcı: { $date }
preferences-next = Sonraki sayı: { $time } ({ $zone } saati).
preferences-paused = Ara verildi, bitişi: { $date }.
preferences-moved = Bu adresin abonelikleri başka bir adrese taşındı. Onları sona erdirmek ya da değiştirmek için öteki adrese gelen bir iletideki bağlantıyı kullanın.
preferences-none = Bu adresin aboneliği yok.

preferences-note-saved = Tercihleriniz kaydedildi; artık bunlar geçerli.
preferences-note-moving = Yeni adrese bir onay iletisi göndereceğiz. Aboneliklerinizin oraya taşınması için iletiyi açıp düğmesine basın. O zamana dek hiçbir şey değişmez.
preferences-note-left = Bütün abonelikleriniz sona erdi; artık size hiçbir şey ulaşmayacak.
preferences-note-back = Aboneliğiniz eskisi gibi sürüyor.
preferences-note-all-back = Abonelikleriniz eskisi gibi sürüyor.

preferences-cadence = Ne sıklıkta?
preferences-cadence-list = Yayımlandıkça
preferences-cadence-daily = Her gün
preferences-cadence-weekly = Her hafta
preferences-cadence-monthly = Her ay
preferences-weekday = Haftanın hangi günü?
preferences-monthday = Ayın hangi günü?
preferences-hour = Saat kaçta?
preferences-zone = Hangi şehrin saatiyle?
preferences-zone-hint = Seçtiğiniz saat, yaz kış bu şehre göre hesaplanır.
preferences-zone-wrong = Bu saat dilimini tanımıyoruz. Listeden bir şehir seçin.

preferences-sections = Bölümler
preferences-sections-hint = Hepsini işaretlerseniz ya da hiçbirini işaretlemezseniz her şey size ulaşır.
preferences-language = İletilerin dili
preferences-language-list = Bültenin kendi dili
preferences-pause = Ara
preferences-pause-keep = Ara verilmesin
preferences-pause-on = Ara sürsün
preferences-pause-none = Şimdi yeniden başlasın
preferences-pause-two-weeks = İki hafta
preferences-pause-month = Bir ay
preferences-pause-three-months = Üç ay
preferences-wrong = Bu seçenek kullanılamıyor. Gösterilenlerden birini seçin.
preferences-save = Kaydedin

preferences-address = Adresinizi değiştirin
preferences-email = Yeni e-posta adresiniz
preferences-email-hint = Oraya tek bir onay iletisi göndeririz. Siz onaylayana dek sayılar buraya gelmeyi sürdürür.
preferences-email-button = Adresi değiştirin

preferences-leave = Ayrılma ve verileriniz
preferences-leave-list = “{ $list }” aboneliğinden çıkın
preferences-leave-all = Bütün aboneliklerimi sona erdirin
preferences-download = Verilerimi indirin
preferences-erase = Benimle ilgili her şeyi silin

instead-title = Ya da çıkmak yerine daha seyrek
instead-weekly = Haftada bir
instead-monthly = Ayda bir
instead-pause = Bir ay ara
instead-preferences = Bütün tercihleriniz

undo-button = Geri alın
undo-hint = Aboneliğiniz tercihleriyle birlikte geri gelir. Bu düğme bir saat çalışır.
undo-all-hint = Bütün abonelikleriniz tercihleriyle birlikte geri gelir. Bu düğme bir saat çalışır.

erase-title = Sizinle ilgili her şey silinsin mi?
erase-text = Bütün abonelikleriniz sona erer; adresiniz ve onayınızın kaydı silinir. Size bir daha hiç yazmamak için yalnızca, adresin okunamayacağı şifreli bir iz saklarız. Bu işlem geri alınamaz.
erase-button = Her şeyi silin
erase-hint = Fikrinizi mi değiştirdiniz?
erase-back = Tercihlerinize dönün

erased-title = Her şey silindi
erased-text = Adresiniz ve sizinle ilgili hiçbir şey artık bizde yok; size bir daha yazmayacağız.
