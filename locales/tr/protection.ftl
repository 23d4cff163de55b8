# Formları koruyanlar.

guard-trap = Bu alanı boş bırakın
guard-working = Bir dakika, formu bir insanın gönderdiğini denetliyoruz…
guard-failed = Denetim tamamlanmadı. Formu yine de gönderebilirsiniz; nasıl devam edeceğinizi sonraki sayfa söyler.
guard-no-script = Tarayıcınız burada betik çalıştırmıyor. Yine de düğmeye basın: isteğinize önce bir kişi bakar, bu yüzden ileti biraz gecikebilir.

step-title = Bir adım daha
step-text = Düğmeye basın, “{ $list }” aboneliğinizi onaylayacağınız iletiyi gönderelim.
step-button = Devam edin
step-hint = Bu form bizim sayfamızdan değil, başka bir sayfadan geldi. Bu adım, programların başkalarının adreslerini abone etmesini önler.
step-json = Aynı isteği bu damgayla yeniden gönderin.

error-too-many-title = Ağınızdan çok fazla abonelik isteği geldi
error-too-many-text = Kısa sürede aynı internet bağlantısından çok sayıda abonelik isteği geldi.
again-minutes = { $n ->
    [0] Formu şimdi yeniden gönderin.
    [one] Formu bir dakika sonra yeniden gönderin.
   *[other] Formu { $nf } dakika sonra yeniden gönderin.
}
again-hours = { $n ->
    [0] Formu şimdi yeniden gönderin.
    [one] Formu bir saat sonra yeniden gönderin.
   *[other] Formu { $nf } saat sonra yeniden gönderin.
}
error-refused-title = Bu form bizim sayfamızdan gönderilmedi
error-refused-text = Başka bir sayfadan geldi ya da bir günden uzun süre açık kaldı. Formu sitemizde açıp oradan gönderin.
