# Sayfalar.

footer-promise = Adresinizi kimseyle paylaşmayız; tek tıklamayla abonelikten çıkabilirsiniz.
to-lists = Bütün bültenler

lists-title = Bültenlerimiz
lists-text = Neyi almak istediğinizi seçin, e-posta kutunuza gönderelim.
lists-empty = Şu anda abone olunabilecek bir bülten yok.

subscribe-button = Abone olun
subscribe-latest = Son sayıyı okuyun
subscribe-next = Sonraki sayı: { $date }.
subscribe-email = E-posta adresiniz
subscribe-name = Adınız
subscribe-optional = (isteğe bağlı)
subscribe-what = Size tek bir onay iletisi göndereceğiz. İletideki düğmeye basmadan size hiçbir şey ulaşmaz; istediğiniz zaman tek tıklamayla abonelikten çıkabilirsiniz.
subscribe-error-title = Hata: { $title }
subscribe-use = { $suggestion } adresini kullanın
field-error-text = Bu alan yalnızca metin kabul eder.
field-error-texts = Bu alan yalnızca bir metin listesi kabul eder.
name-error = Ad çok uzun ya da yazılamayan karakterler içeriyor. Kısaltın ya da alanı boş bırakın.

check-mail-title = E-posta kutunuza bakın
check-mail-text = Yazdığınız adrese bir ileti gönderdik. “{ $list }” aboneliğinizin başlaması için iletiyi açıp bağlantısına tıklayın.
check-mail-hint = İletinin gelmesi birkaç dakika sürebilir; istenmeyen posta klasörüne de düşebilir. Gelmezse adresi denetleyip yeniden deneyin.
check-mail-again = Forma dönün

confirm-title = Aboneliğinizi onaylayın
confirm-text = Tek tıklamayla “{ $list }” size gelmeye başlar.
confirm-button = Aboneliği onaylayın
confirm-hint = Siz değil miydiniz? Bu sayfayı kapatın, hiçbir şey olmaz.

confirmed-title = Abone oldunuz
confirmed-text = “{ $list }” size bir sonraki sayıdan başlayarak ulaşacak. Her iletinin sonunda abonelikten çıkmanız için bir bağlantı var.
confirmed-latest = Sonraki sayı gelene dek son sayıyı okuyun

already-title = Aboneliğiniz onaylı
already-text = “{ $list }” aboneliğinizi daha önce onayladınız; yapmanız gereken başka bir şey yok.

expired-title = Bu bağlantının süresi doldu
expired-text = “{ $list }” aboneliği zamanında onaylanmadı. Yeni bir ileti isteyin; aynı adrese gönderilir.
expired-button = Yeni bir ileti gönderin

unsubscribe-title = “{ $list }” aboneliğinden çıkılsın mı?
unsubscribe-text = Düğmeye bastığınızda artık hiçbir sayı size ulaşmaz.
unsubscribe-hint = Fikrinizi mi değiştirdiniz? Bu sayfayı kapatın, aboneliğiniz olduğu gibi kalır.

unsubscribed-title = Abonelikten çıktınız
unsubscribed-text = “{ $list }” bülteninin hiçbir sayısı artık size ulaşmayacak.
unsubscribed-undo = Yanlışlıkla mı bastınız? Yeniden abone olabilirsiniz.
moved-title = Bu abonelik başka bir adrese taşındı
moved-text = “{ $list }” aboneliği bu adresten başka bir adrese taşındı; buraya artık hiçbir şey gelmiyor. Aboneliği sona erdirmek ya da değiştirmek için öteki adrese gelen bir iletideki bağlantıyı kullanın.
unsubscribed-again = Yeniden abone olun

archive-title = Geçmiş sayılar
archive-empty = Henüz hiçbir sayı yayımlanmadı.
archive-feed = Akış okuyucuda izleyin (Atom)
archive-subscribe = Bültene abone olun

digest-subscribe = “{ $list }” bültenine abone olun

error-request = İstek numarası: { $id }
error-not-found-title = Bu adreste bir sayfa yok
error-not-found-text = Bağlantı eksik olabilir ya da sayfa kaldırılmış olabilir.
error-bad-link-title = Bu bağlantı geçerli değil
error-bad-link-text = Kopyalanırken kesilmiş olabilir. Bağlantıyı iletinin kendisinden açın ya da tümünü kopyalayın.
error-bad-request-title = İsteği anlayamadık
error-bad-request-text = Form eksik ya da bozuk geldi. Forma dönüp yeniden gönderin.
error-too-large-title = İstek, kabul ettiğimizden büyük
error-too-large-text = Bu form için bir e-posta adresi yeterlidir. Forma dönüp yeniden gönderin.
error-unsupported-title = Bu tür verileri okumuyoruz
error-unsupported-text = Formu kendi sayfasından gönderin ya da verileri JSON olarak gönderin.
error-method-title = Bu adres bu şekilde açılmaz
error-method-text = Sayfayı bağlantısından açın ve üzerindeki düğmeleri kullanın.
error-unavailable-title = Bunu şu anda yapamıyoruz
error-unavailable-text = Sorun bizden kaynaklanıyor ve büyük olasılıkla kısa sürecek. Birkaç dakika sonra yeniden deneyin; hiçbir şey kaybolmaz.
error-internal-title = Bizim tarafımızda bir hata oluştu
error-internal-text = Hata kaydedildi, inceleyeceğiz. Lütfen biraz sonra yeniden deneyin.
