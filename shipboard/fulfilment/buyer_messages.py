"""What to send a buyer where only they can mend the address: to be copied into the marketplace's
chat, in the market's language with English below it, and without any personal data.
"""

from __future__ import annotations

from collections.abc import Mapping

#: Languages by the region of a shop (ISO country); English alone elsewhere.
LANGUAGES: Mapping[str, str] = {
    "TH": "th",
    "VN": "vi",
    "ID": "id",
    "MY": "ms",
    "JP": "ja",
    "DE": "de",
    "FR": "fr",
    "ES": "es",
    "MX": "es",
    "IT": "it",
    "BR": "pt",
}
#: By language: what to check, and what to shorten.
WORDINGS: Mapping[str, tuple[str, str]] = {
    "en": (
        "Hello, the carrier cannot deliver order {number} to its address as it is written. Please "
        "open the order in your app, choose “Edit address”, and check the street, the house number "
        "and the postal code. We ship it as soon as the address has changed. Thank you!",
        "Hello, the address of order {number} is too long for the carrier. Please open the order "
        "in your app, choose “Edit address”, and shorten it: leave out directions and whatever the "
        "carrier does not need. We ship it as soon as the address has changed. Thank you!",
    ),
    "th": (
        "สวัสดี บริษัทขนส่งไม่สามารถจัดส่งคำสั่งซื้อ {number} ตามที่อยู่ที่ระบุไว้ได้ กรุณาเปิดคำสั่งซื้อในแอป "
        "เลือก “แก้ไขที่อยู่” แล้วตรวจสอบถนน บ้านเลขที่ และรหัสไปรษณีย์ เราจะจัดส่งทันทีที่แก้ไขที่อยู่แล้ว ขอบคุณ",
        "สวัสดี ที่อยู่ของคำสั่งซื้อ {number} ยาวเกินไปสำหรับบริษัทขนส่ง กรุณาเปิดคำสั่งซื้อในแอป "
        "เลือก “แก้ไขที่อยู่” แล้วย่อที่อยู่ให้สั้นลง โดยตัดข้อมูลที่ไม่จำเป็นออก เราจะจัดส่งทันทีที่แก้ไขที่อยู่แล้ว ขอบคุณ",
    ),
    "vi": (
        "Xin chào, đơn vị vận chuyển không thể giao đơn hàng {number} đến địa chỉ đã ghi. Vui lòng "
        "mở đơn hàng trong ứng dụng, chọn “Chỉnh sửa địa chỉ” và kiểm tra tên đường, số nhà và mã "
        "bưu chính. Chúng tôi sẽ gửi hàng ngay khi địa chỉ được sửa. Xin cảm ơn!",
        "Xin chào, địa chỉ của đơn hàng {number} quá dài đối với đơn vị vận chuyển. Vui lòng mở "
        "đơn hàng trong ứng dụng, chọn “Chỉnh sửa địa chỉ” và rút ngắn địa chỉ, bỏ những phần "
        "không cần thiết. Chúng tôi sẽ gửi hàng ngay khi địa chỉ được sửa. Xin cảm ơn!",
    ),
    "id": (
        "Halo, kurir tidak dapat mengirim pesanan {number} ke alamat yang tertulis. Mohon buka "
        "pesanan di aplikasi, pilih “Ubah alamat”, lalu periksa nama jalan, nomor rumah, dan kode "
        "pos. Pesanan kami kirim segera setelah alamat diubah. Terima kasih!",
        "Halo, alamat pesanan {number} terlalu panjang untuk kurir. Mohon buka pesanan di "
        "aplikasi, pilih “Ubah alamat”, lalu persingkat: hapus petunjuk yang tidak diperlukan. "
        "Pesanan kami kirim segera setelah alamat diubah. Terima kasih!",
    ),
    "ms": (
        "Helo, syarikat penghantaran tidak dapat menghantar pesanan {number} ke alamat yang "
        "tertulis. Sila buka pesanan dalam aplikasi, pilih “Edit alamat”, dan semak nama jalan, "
        "nombor rumah serta poskod. Kami akan menghantarnya sebaik sahaja alamat diubah. Terima "
        "kasih!",
        "Helo, alamat pesanan {number} terlalu panjang untuk syarikat penghantaran. Sila buka "
        "pesanan dalam aplikasi, pilih “Edit alamat”, dan pendekkannya: buang perkara yang tidak "
        "perlu. Kami akan menghantarnya sebaik sahaja alamat diubah. Terima kasih!",
    ),
    "ja": (
        "ご注文 {number} は、ご登録の住所のままでは配送会社がお届けできません。アプリで注文を開き、"
        "「住所を編集」から町名・番地・郵便番号をご確認ください。住所の変更後、すぐに発送いたします。"
        "よろしくお願いいたします。",
        "ご注文 {number} の住所が長すぎるため、配送会社が受け付けられません。アプリで注文を開き、"
        "「住所を編集」から不要な部分を省いて短くしてください。住所の変更後、すぐに発送いたします。"
        "よろしくお願いいたします。",
    ),
    "de": (
        "Guten Tag, der Paketdienst kann die Bestellung {number} an die angegebene Adresse nicht "
        "zustellen. Bitte öffnen Sie die Bestellung in der App, wählen Sie „Adresse bearbeiten“ "
        "und prüfen Sie Straße, Hausnummer und Postleitzahl. Wir versenden sie, sobald die Adresse "
        "geändert ist. Vielen Dank!",
        "Guten Tag, die Adresse der Bestellung {number} ist für den Paketdienst zu lang. Bitte "
        "öffnen Sie die Bestellung in der App, wählen Sie „Adresse bearbeiten“ und kürzen Sie sie: "
        "Lassen Sie weg, was der Paketdienst nicht braucht. Wir versenden sie, sobald die Adresse "
        "geändert ist. Vielen Dank!",
    ),
    "fr": (
        "Bonjour, le transporteur ne peut pas livrer la commande {number} à l'adresse indiquée. "
        "Veuillez ouvrir la commande dans l'application, choisir « Modifier l'adresse » et "
        "vérifier la rue, le numéro et le code postal. Nous l'expédions dès que l'adresse est "
        "modifiée. Merci !",
        "Bonjour, l'adresse de la commande {number} est trop longue pour le transporteur. Veuillez "
        "ouvrir la commande dans l'application, choisir « Modifier l'adresse » et la raccourcir en "
        "retirant ce qui n'est pas nécessaire. Nous l'expédions dès que l'adresse est modifiée. "
        "Merci !",
    ),
    "es": (
        "Hola, el transportista no puede entregar el pedido {number} en la dirección indicada. Por "
        "favor, abre el pedido en la aplicación, elige «Editar dirección» y revisa la calle, el "
        "número y el código postal. Lo enviaremos en cuanto se cambie la dirección. ¡Gracias!",
        "Hola, la dirección del pedido {number} es demasiado larga para el transportista. Por "
        "favor, abre el pedido en la aplicación, elige «Editar dirección» y acórtala: quita lo que "
        "no haga falta. Lo enviaremos en cuanto se cambie la dirección. ¡Gracias!",
    ),
    "it": (
        "Salve, il corriere non può consegnare l'ordine {number} all'indirizzo indicato. Apri "
        "l'ordine nell'app, scegli «Modifica indirizzo» e controlla la via, il numero civico e il "
        "CAP. Lo spediremo appena l'indirizzo sarà modificato. Grazie!",
        "Salve, l'indirizzo dell'ordine {number} è troppo lungo per il corriere. Apri l'ordine "
        "nell'app, scegli «Modifica indirizzo» e accorcialo: togli ciò che non serve. Lo spediremo "
        "appena l'indirizzo sarà modificato. Grazie!",
    ),
    "pt": (
        "Olá, a transportadora não consegue entregar o pedido {number} no endereço informado. Por "
        "favor, abra o pedido no aplicativo, escolha “Editar endereço” e confira a rua, o número e "
        "o CEP. Enviaremos assim que o endereço for alterado. Obrigado!",
        "Olá, o endereço do pedido {number} é longo demais para a transportadora. Por favor, abra "
        "o pedido no aplicativo, escolha “Editar endereço” e encurte-o: retire o que não for "
        "necessário. Enviaremos assim que o endereço for alterado. Obrigado!",
    ),
}


def buyer_message(order_id: str, region: str = "", *, is_too_long: bool = False) -> str:
    """What to send the buyer of a shop's region; `is_too_long`: the carrier takes a shorter one."""
    languages = dict.fromkeys((LANGUAGES.get(region, "en"), "en"))
    return "\n\n".join(WORDINGS[each][is_too_long].format(number=order_id) for each in languages)
