# Editörler için: taslak iletisi ve sayfası, okurlara ulaşacak olan, ve geçmiş sayıların düzeltmeleri.

draft-subject = “{ $list }” bülteninin { $date } tarihli taslağı açık
draft-title = Sonraki sayı bakmanıza hazır
draft-what = “{ $list }” bülteninin taslağı açıldı. Gönderim zamanı: { $time } ({ $zone } saatiyle).
draft-open = Taslağı açın
draft-nothing = Bir şey yapmanız gerekmez: kimse değiştirmezse, o zamana dek gelenlerle birlikte olduğu gibi gönderilir.
draft-empty = İçinde henüz bir şey yok
draft-holds = Şimdiye dek içindekiler
draft-why = Bu ileti size “{ $list }” bülteninin editörlerinden olduğunuz için geliyor. Bağlantı yalnız sizindir: elinde olan taslağı değiştirebilir.
draft-test-mark = [Deneme]

alert-subject = “{ $list }” bülteninin bir kaynağı okunamıyor
alert-title = Bir kaynak okunamıyor
alert-what = Bu kaynak { $time } ({ $zone } saatiyle) anından beri okunamıyor, yazıları “{ $list }” bülteninde eksik.
alert-next = Yeniden denenmeye devam ediyor; okunana dek bununla ilgili tek ileti budur.

editing-title = “{ $list }” bülteninin taslağı
editing-goes-out = Gönderim zamanı: { $time } ({ $zone } saatiyle). Kimse bir şey değiştirmezse, o zamana dek gelenlerle birlikte olduğu gibi gönderilir.
editing-changed = Son değiştiren { $who }: { $time }.
editing-command = komut satırı
editing-note-saved = Değişiklikleriniz kaydedildi.
editing-note-tested = Değişiklikleriniz kaydedildi, deneme iletisi { $address } adresine yolda.
editing-note-too-many = Değişiklikleriniz kaydedildi. Bu taslağın on denemesi size gönderildi; önizleme aynısını gösterir.
editing-introduction = Giriş
editing-introduction-hint = İlk yazıdan önce gelir. Boş bir satır yeni paragraf başlatır.
editing-lead = Ana yazı
editing-lead-auto = Seçimi bültene bırakın
editing-article-title = Başlık
editing-place = Bu sayıda
editing-place-auto = Yer varsa
editing-place-pin = Başa sabitlenmiş
editing-place-drop = Dışarıda
editing-position = Sıra
editing-position-hint = 1 numara başta gelir; bir yazıya durmasını istediğiniz yerin numarasını verin.
editing-is-lead = Ana yazı
editing-is-full = Bu sayıda yer yok
editing-is-dropped = Dışarıda
editing-is-pinned = Sabitlenmiş
editing-own-title = Kendi başlığı: { $title }
editing-save = Kaydedin
editing-preview = Kaydedip önizleyin
editing-test = Kaydedip bana deneme gönderin
editing-empty = Henüz yeni bir şey yok. O zamana dek gelenler kendiliğinden gönderilir.
editing-too-long = Bu çok uzun: en çok { $most } karakter.
editing-stale = Bu arada { $who } başka değişiklikler kaydetti. Sizinkiler alanlarda duruyor ve henüz kaydedilmedi; farklı olan yerlerde kayıtlı olan altta yazılı. Sizinkileri onun yerine koymak için yeniden kaydedin.
editing-stored = Şu an kayıtlı: { $value }
editing-discard = Benimkileri bırakıp kayıtlı olanı gösterin
editing-sent-title = “{ $list }” sayısı tamamlandı
editing-sent-text = { $date } için okurlara giden budur. Artık değiştirilemez.
editing-closed-title = Bu taslak kapalı
editing-closed-text = { $date } için sayı gönderilmiyor. Yeni olanlar bir sonrakiyle gelir.

preview-title = Okurlara ulaşacak olan
preview-who = Kimin için
preview-all = Bütün bölümler
preview-nobody = şu an kimse
preview-subject = Konu
preview-letter = İleti
preview-text = İletinin düz metni
preview-alone = İletiyi tek başına açın
preview-too-little = Bu bölümlerin okurlarına bir şey ulaşmaz: onlar için yeni olan çok az.
preview-back = Taslağa dönün
preview-send = Bana deneme olarak gönderin
preview-note-tested = Deneme iletisi { $address } adresine yolda.
preview-note-too-many = Bu taslağın on denemesi size gönderildi; burada aynısını görüyorsunuz.

corrections-title = Düzeltmeler

count-readers = { $n ->
    [0] hiç okur yok
    [one] bir okur
   *[other] { $nf } okur
}
