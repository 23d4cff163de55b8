# Okurların neyi, ne zaman alacaklarını seçtikleri sayfanın bağlantısı.
choices = Tercihleriniz
