"""The words that invented people, producers and products are named with; kinds of products are those of the province."""

SIMULATED = "mô phỏng"

FAMILY_NAMES = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Vũ",
    "Đỗ",
    "Hoàng",
    "Bùi",
    "Đặng",
    "Ngô",
    "Đinh",
    "Lương",
    "Mai",
    "Cao",
)
MIDDLE_NAMES = ("Văn", "Thị", "Đức", "Minh", "Ngọc", "Thanh", "Quang", "Thu", "Hữu", "Hồng")
GIVEN_NAMES = (
    "An", "Bình", "Chi", "Dũng", "Giang", "Hà", "Hải", "Hạnh", "Hòa", "Huệ", "Hùng", "Khánh", "Lan", "Liên", "Linh",
    "Mai", "Nam", "Nga", "Oanh", "Phong", "Phúc", "Quỳnh", "Sơn", "Tâm", "Thảo", "Thủy", "Toàn", "Trang", "Tuấn", "Yến",
)  # fmt: skip

BRAND_STARTS = (
    "Mây", "Nắng", "Gió", "Sóng", "Trăng", "Sương", "Suối", "Đồng", "Bến", "Lá", "Cánh", "Vạt", "Triền", "Bờ", "Ngõ", "Nếp",
)  # fmt: skip
BRAND_ENDS = ("Xanh", "Vàng", "Sớm", "Chiều", "Lành", "Nhỏ", "Mới", "Hiền", "Trong", "Thơm", "Bạc", "Hồng")

FOOD = "Thực phẩm"
DRINK = "Đồ uống"
HERB = "Dược liệu và sản phẩm từ dược liệu"
CRAFT = "Thủ công mỹ nghệ"
GARDEN = "Sinh vật cảnh"
TOURISM = "Dịch vụ du lịch cộng đồng, du lịch sinh thái và điểm du lịch"

RICE_AND_SEA = (
    (FOOD, "Gạo tám thơm"),
    (FOOD, "Gạo nếp"),
    (FOOD, "Nước mắm"),
    (FOOD, "Mắm tôm"),
    (FOOD, "Nghêu sạch"),
    (FOOD, "Sứa ăn liền"),
    (FOOD, "Cá khô"),
    (FOOD, "Muối sạch"),
    (FOOD, "Bánh nhãn"),
    (HERB, "Trà đinh lăng"),
    (FOOD, "Tôm thẻ đông lạnh"),
    (TOURISM, "Điểm du lịch sinh thái ven biển"),
)
FIELDS_AND_CRAFTS = (
    (FOOD, "Gạo sạch"),
    (FOOD, "Phở khô"),
    (FOOD, "Bún khô"),
    (FOOD, "Bánh gai"),
    (FOOD, "Kẹo lạc"),
    (FOOD, "Giò chả"),
    (FOOD, "Trứng gà sạch"),
    (FOOD, "Rau an toàn"),
    (DRINK, "Rượu nếp"),
    (DRINK, "Nước ép hoa quả"),
    (HERB, "Trà hoa hòe"),
    (HERB, "Tinh bột nghệ"),
    (CRAFT, "Đồ gỗ mỹ nghệ"),
    (CRAFT, "Giỏ mây tre đan"),
    (CRAFT, "Khăn tơ tằm"),
    (GARDEN, "Cây cảnh nghệ thuật"),
    (GARDEN, "Hoa cúc chậu"),
    (TOURISM, "Du lịch làng nghề"),
)
COAST = frozenset({"361", "365", "366"})
"""Nghĩa Hưng, Giao Thủy and Hải Hậu."""

PRODUCER_KINDS = (
    #  kind               how its name begins
    ("hợp tác xã",        "HTX"),
    ("hợp tác xã",        "HTX"),
    ("tổ hợp tác",        "Tổ hợp tác"),
    ("công ty",           "Công ty"),
    ("hộ kinh doanh",     "Hộ kinh doanh"),
    ("hộ kinh doanh",     "Cơ sở"),
    ("trang trại",        "Trang trại"),
)  # fmt: skip
