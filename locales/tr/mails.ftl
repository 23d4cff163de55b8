# İletiler.

salutation = Merhaba,
salutation-name = Merhaba { $name },

digest-subject = { $list }: { $title }
digest-intro = Yayımladıklarımızdan seçtiklerimiz: { $articles }, { $sections }.
digest-intro-short = Yayımladıklarımızdan seçtiklerimiz: { $articles }.
digest-why = Bu ileti { $address } adresine, “{ $list }” bültenine abone olduğunuz için geliyor.
digest-more = Sitede ayrıca: { $articles }
view-in-browser = Tarayıcıda okuyun

confirmation-subject = “{ $list }” aboneliğinizi onaylayın
confirmation-title = Tek bir adım kaldı
confirmation-what = Bu adrese { $site } yayını “{ $list }” bültenini göndermemiz istendi. İsteği siz yaptıysanız lütfen onaylayın; onaylamadan size hiçbir sayı ulaşmaz.
confirmation-button = Aboneliği onaylayın
confirmation-expires = Bağlantının geçerlilik süresinin sonu: { $time } ({ $zone } saati).
confirmation-when = İsteğin geldiği zaman: { $time } ({ $zone } saati).
confirmation-when-ip = İsteğin geldiği zaman: { $time } ({ $zone } saati); ağ adresi: { $ip }.
confirmation-not-you = Siz değil miydiniz? Bu iletiyi dikkate almayın, hiçbir şey olmaz.

notice-subject = “{ $list }” bültenine abonesiniz
notice-title = Zaten abonesiniz
notice-what = Bu adresi { $site } yayını “{ $list }” bültenine abone etmemiz yeniden istendi. Aboneliğiniz sürüyor ve hiçbir şey değişmedi; yapmanız gereken bir şey yok.
notice-not-you = İsteği siz yapmadıysanız bu iletiyi dikkate almayın.
notice-leave = Bülteni artık istemiyorsanız tek tıklamayla abonelikten çıkabilirsiniz:
