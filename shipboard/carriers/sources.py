"""Who tells what tracking numbers look like. Facts were taken from them, no code and no words; how
sure they are is said in docs/decisions.
"""

from __future__ import annotations

KEEN = "github.com/jkeen/tracking_number_data, the data of the library tracking-numbers"
UPU = "Universal Postal Union, standard S10"
IMPB = "USPS Publication 199, Intelligent Mail package barcode"
FEDEX = "FedEx Ground label layout and barcode guides"
PARCEL = "github.com/plhery/universal-parcel-scraper, its catalogue of carriers"
WOO = "github.com/woocommerce/woocommerce, its fulfilment providers"
PARCELFORCE = "parcelforce.com, Tracking number formats"
ROYAL_MAIL = "Amazon seller help on tracking IDs, quoted at aimcosoftware.co.uk/forum"
DPD = "dpd.com, where to find the parcel number (Germany, Austria, Belgium)"
EVRI = "evri.com, Track a parcel"
YODEL = "yodel.co.uk, What is my tracking number"
LA_POSTE = "aide.laposte.fr, how to follow a parcel or a letter"
MONDIAL = "mondialrelay.be, Suivi de colis"
SEVEN = "github.com/TakamoriYamashiro/shipping-jp-js, the 7DR check of Japanese carriers"
FLASH = "Flash Express open API, example of a pno"
NINJA = "Ninja Van API documentation"
GHN = "GHN open API, examples of an order_code"
GHTK = "GHTK open API, example of a label"
SHOPS_TH = "public code of shops in Thailand; the carrier publishes no format"
SHOPS_VN = "public code of shops in Vietnam; the carrier publishes no format"
SHOPS_ID = "public code of shops in Indonesia; the carrier publishes no format"
SHOPS_MY = "public code of shops in Malaysia; the carrier publishes no format"
SHOPS_US = "public code of shops in the United States; the carrier publishes no format"
