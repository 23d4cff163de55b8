# Abonelik: birden çok bülten, başka sitelerin sayfaları, kuşkulu ya da kabul edilmeyen adresler.

lists-which = Neyi almak istersiniz?
lists-more = Daha fazlası
lists-error-no-list = En az bir bülten seçin.
lists-error-unknown-list = Seçtiğiniz bültenlerden biri artık gönderilmiyor. Seçiminize bakıp yeniden deneyin.

address-error-typo = Şu adresi mi demek istediniz: { $suggestion }? Adres yazdığınız gibi doğruysa “Abone olun” düğmesine bir kez daha basın.
address-error-no-mail-domain = @ işaretinden sonraki bölüme e-posta ulaşmıyor. Yazımını denetleyin ya da başka bir adres yazın.
address-error-disposable = Bu geçici bir adres; bülten ona uzun süre ulaşmaz. E-postalarını her zaman okuduğunuz bir adres yazın.
address-error-role = Bu adresin e-postalarını belirli bir kişi okumuyor. Kendi adresinizi yazın.

check-mail-several = Yazdığınız adrese tek bir onay iletisi gönderdik. Seçtiğiniz her şeye aboneliğinizin başlaması için iletiyi açıp bağlantısına tıklayın.

embed-title = Formu sitenize koyun
embed-text = İki metinden birini sayfanıza kopyalayın. Form, sitenizin renklerini ve yazı tipini alır; her aboneliğin nereden geldiği de onunla birlikte saklanır.
embed-plain = Betiksiz
embed-plain-text = Her tarayıcıda çalışır. Düğmeye basan okur bizim sayfamıza gelir.
embed-scripted = Betikli
embed-scripted-text = Bültenin ayarları sitenize izin veriyorsa okur sayfanızda kalır ve yanıtı orada görür. Vermiyorsa birincisi gibi çalışır.
embed-preview = Görünümü
embed-unknown = Bu sayfanın adresinde var olmayan bültenlerin adları geçiyor: { $lists }
embed-known = Var olanlar: { $lists }
