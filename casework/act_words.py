"""What each act does and what each of its values is, in the words of the office: for the command line and the pages."""

from collections.abc import Mapping

from ocop.phrase import Unstopped, phrases

ACT_WORDS: Mapping[str, str] = phrases(
    {
        "open-cycle": "Mỗi chu trình là một đợt của kế hoạch. Ghi các thời hạn, lịch nhắc việc và gửi thư cho mọi đơn vị. "
        "Kế hoạch và quy trình được giữ cùng chu trình. Hãy kiểm tra kế hoạch trước.",
        "set-target": "Ghi kèm văn bản nêu con số đó; lần ghi sau thay lần ghi trước.",
        "close-cycle": "Chỉ đóng được khi mọi hồ sơ đã kết thúc, chuyển kỳ sau hoặc đang ở trung ương.",
        "register": "Hồ sơ lần đầu, nâng hạng (kèm giấy chứng nhận và nội dung thay đổi) hoặc công nhận lại (kèm giấy chứng nhận). "
        "Bản nộp được giữ nguyên. Đăng ký sau hạn đầu tiên của chu trình thì bị từ chối hoặc chuyển đợt sau, theo kế hoạch. "
        "Mỗi sản phẩm chỉ có một hồ sơ đang mở.",
        "receive": "Ghi ở cấp nhận hồ sơ; báo trước những giấy tờ sẽ hết hạn trước ngày họp hội đồng.",
        "report": "Xã đánh giá các nội dung thuộc phần mình, không chấm điểm, không phân hạng.",
        "request-supplement": "Trả kèm lý do. Hồ sơ vẫn do cấp yêu cầu giữ; ngày của kế hoạch không dời.",
        "supplement": "Giấy tờ cùng loại và cùng tên thay bản cũ; bản chụp mới của hồ sơ được giữ.",
        "add-evidence": "Thêm giấy tờ, hoặc nộp bản mới thay bản đã hết hạn, cho hồ sơ đang mở.",
        "waive-evidence": "Cho hồ sơ đi tiếp dù giấy tờ đã hết hạn; lý do được giữ trong lịch sử.",
        "evaluate": "Ghi điểm của từng thành viên, yêu cầu tối thiểu đạt hay không (kèm lý do) và số biên bản. Phiên họp phải trước hạn "
        "của bước; ghi vào sổ sau hạn thì được liệt kê là ghi muộn. Điểm chênh quá mức cho phép được giữ nhưng không tính: hội đồng "
        "chấm lại. Giấy tờ hết hạn vào ngày họp thì hồ sơ bị giữ lại.",
        "decide": "Điểm trung bình lấy từ kết quả đã ghi. Hồ sơ chưa có kết quả hoặc quá hạn thì bị từ chối, các hồ sơ khác vẫn được ghi.",
        "record-central-result": "Từ 90 điểm và đạt yêu cầu tối thiểu 5 sao thì ghi giấy chứng nhận 5 sao; không đạt thì giấy 4 sao của "
        "tỉnh vẫn còn giá trị, hoặc hồ sơ về lại tỉnh, theo quy trình.",
        "submit": "Ngày công văn phải trước hạn gửi tỉnh. Hồ sơ quá hạn bị từ chối, các hồ sơ khác vẫn đi.",
        "keep": "Sản phẩm từ 70 điểm được giữ lại huyện và công nhận 3 sao, kèm lý do.",
        "propose": "Sản phẩm từ 90 điểm được đề nghị trung ương đánh giá.",
        "forgo": "Sản phẩm từ 90 điểm dừng ở 4 sao, kèm lý do của tỉnh hoặc của chủ thể.",
        "recognise": "Số sao là kết quả sau yêu cầu tối thiểu, không quá thẩm quyền của cấp công nhận. Không ghi số giấy chứng nhận thì "
        "phần mềm đặt theo mã hồ sơ.",
        "revoke": "Chỉ cơ quan đã cấp thu hồi; tỉnh ghi thay khi trung ương thu hồi. Các phát hiện đang mở được khép lại.",
        "record-finding": "Cơ quan cấp giấy quyết định trong 15 ngày kể từ ngày phát hiện; ngày đó được theo dõi cho đến khi thu hồi hoặc "
        "kết luận không thu hồi.",
        "close-finding": "Ghi kèm văn bản và lý do.",
        "retract": "Ghi theo yêu cầu của chủ thể, ở những bước mà quy trình cho phép.",
        "disqualify": "Vì giấy tờ giả, thiếu điều kiện hoặc hồ sơ không đầy đủ; kèm văn bản.",
        "carry-over": "Khép hồ sơ ở chu trình này, kèm lý do, để đăng ký lại ở chu trình sau.",
        "extend": "Cho mọi đơn vị hoặc một đơn vị, trước hoặc sau hạn. Chỉ cơ quan ban hành kế hoạch (tỉnh) được gia hạn. Bản ghi quá hạn "
        "của hạn cũ được khép lại, không xóa. Nếu vượt hạn của bước sau thì có lưu ý.",
        "accept-late": "Cho các hồ sơ được nêu làm tiếp sau hạn, theo văn bản của cơ quan ban hành kế hoạch. Bản ghi quá hạn còn mở đến khi "
        "việc được ghi.",
        "acknowledge": "Ghi việc sẽ làm; sau đó báo cáo vượt cấp không lên bậc tiếp theo nữa.",
        "remind": "Gửi ngay cho cán bộ phụ trách của đơn vị một thư cho mỗi thời hạn mà đơn vị đã quá, sắp đến, hoặc hạn riêng sắp hết. "
        "Tỉnh hoặc đơn vị cấp trên được nhắc; mỗi thời hạn chỉ nhắc một lần trong ngày.",
        "amend-plan": "Ghi toàn văn kế hoạch đã sửa, số văn bản và thời điểm có hiệu lực (bỏ trống là ngay bây giờ). Chỉ tỉnh được sửa đổi. "
        "Hạn lùi lại thì bản ghi quá hạn được khép như khi gia hạn; hạn đã qua trước lúc có hiệu lực thì bị từ chối: không hồ sơ nào "
        "thành quá hạn ngược thời gian. Xem trước thì thấy mọi thiết lập, thời hạn, hồ sơ, việc sắp tới và thư thay đổi, không ghi gì.",
        "edit-calendar": "Ghi ngày nghỉ, ngày làm bù hoặc bỏ một ngày khỏi lịch, theo văn bản. Thời hạn, hạn riêng của hồ sơ, việc nhắc và "
        "báo cáo vượt cấp còn ở phía trước được tính lại; việc đã qua giữ nguyên, không hồ sơ nào thành quá hạn ngược thời gian. Xem trước "
        "thì thấy mọi thứ thay đổi, không ghi gì.",
        "adopt-plan": "Ngày riêng của đơn vị, không muộn hơn ngày của kế hoạch cho cùng việc. Chỉ để nhắc việc; quá hạn vẫn tính theo ngày của "
        "kế hoạch. Kế hoạch sau của đơn vị thay kế hoạch trước.",
        "annul": "Bằng văn bản của cơ quan đã ban hành; hồ sơ được đánh giá lại trước ngày nêu. Kết quả và quyết định cũ vẫn được giữ.",
        "correct-decision": "Sửa số, ngày hoặc người ký bằng văn bản; bản cũ vẫn được giữ. Mỗi cơ quan đính chính quyết định của mình.",
        "correct-certificate": "Đổi số, giữ nguyên số sao và ngày, bằng văn bản; bản cũ vẫn được giữ.",
        "complain": "Hạn trả lời tính theo ngày làm việc của kế hoạch; kiến nghị không dừng việc nào.",
        "answer-complaint": "Ghi kèm văn bản trả lời.",
        "hand-over": "Ghi những thư in đã trao; đơn vị trao thư và cấp trên được ghi.",
        "resend": "Gửi lại đến địa chỉ hiện nay của người nhận.",
        "release-letters": "Tỉnh xác nhận bản khôi phục này là bản chính.",
        "claim": "Những hồ sơ đang ở đơn vị của mình mà chưa ai nhận; hồ sơ rời đơn vị thì việc nhận tự hết.",
        "assign": "Người nhận làm việc ở đơn vị đang giải quyết hồ sơ. Ai cũng giao được hồ sơ của mình hoặc chưa ai nhận; hồ sơ của đồng "
        "nghiệp do lãnh đạo đơn vị hoặc người thay giao lại.",
        "release": "Hồ sơ trở lại danh sách chưa ai nhận của đơn vị.",
        "leave": "Người thay làm việc ở cùng đơn vị, nhận thư và giữ nhiệm vụ trong thời gian đó, hiện là 'thay'. Không có người thay thì nhiệm "
        "vụ coi như khuyết: thư lên bậc tiếp theo và Văn phòng Điều phối được báo. Người của đơn vị hoặc cấp trên được ghi.",
        "end-leave": "Ghi ngày vắng mặt cuối cùng; ngày trước ngày đầu thì cả lần vắng mặt được bỏ.",
        "reorganise": "Kết thúc các đơn vị có đơn vị kế thừa và bàn giao nhiệm vụ, hồ sơ, thời hạn, thư. Trước đó nhập đơn vị mới và đơn vị kế "
        "thừa, rồi xem trước. Còn đơn vị, xã hay nhiệm vụ nào chưa có quy tắc thì được nêu tên và chưa "
        "thay đổi gì. Hồ sơ cũ giữ tên đơn vị cũ.",
        "suspend": "Mọi hồ sơ đang ở cấp đó và sẽ đến cấp đó tạm dừng: không thời hạn nào chạy, không ai giải quyết được. Chỉ tỉnh được ghi.",
        "resume": "Thời hạn riêng của hồ sơ dời đi đúng số ngày làm việc đã tạm dừng.",
        "change-procedure": "Mỗi hồ sơ đang đi tiếp tục ở bước tương ứng của quy trình mới; còn hồ sơ không có bước tương ứng "
        "thì chưa chuyển gì. Hồ sơ đã kết thúc giữ quy trình cũ. Hãy xem trước kết quả.",
    }
)
"""By the act's name; `casework` keeps the English sentences."""

OPTION_WORDS: Mapping[str, str] = phrases(
    {
        "annulled_on": "Ngày hủy.",
        "answer": "Nội dung trả lời.",
        "answered_on": "Ngày trả lời.",
        "because": "Lý do giữ lại.",
        "body": "Nội dung.",
        "boundary": "Có kể ngày được nêu không.",
        "carried_from": "Mã hồ sơ của chu trình trước, khi đăng ký lại hồ sơ đã chuyển kỳ.",
        "certificate": "Số giấy chứng nhận.",
        "certificates": "Số các giấy chứng nhận.",
        "changes": "Nội dung thay đổi của sản phẩm, khi nâng hạng.",
        "clocks": "Thời hạn riêng của hồ sơ.",
        "closed_on": "Ngày kết luận.",
        "code": "Mã chu trình, tự đặt, ví dụ ND-2025.",
        "complaint": "Số thứ tự của kiến nghị.",
        "cycle": "Mã chu trình.",
        "day": "Ngày có hiệu lực.",
        "days": "Các ngày của lịch.",
        "decided_on": "Ngày quyết định.",
        "document": "Số văn bản.",
        "dossier": "Mã hồ sơ.",
        "dossiers": "Mã hồ sơ.",
        "due_on": "Đánh giá lại chậm nhất ngày này.",
        "effective_at": "Thời điểm có hiệu lực.",
        "evidence": "Tài liệu minh chứng.",
        "finding": "Số thứ tự của phát hiện.",
        "findings": "Nội dung báo cáo.",
        "found_on": "Ngày phát hiện.",
        "from_day": "Từ ngày.",
        "gates": "Yêu cầu tối thiểu của từng mức sao.",
        "ground": "Căn cứ thu hồi theo quy định.",
        "held_on": "Ngày họp hội đồng.",
        "kind": "Loại hồ sơ.",
        "last_day": "Ngày vắng mặt cuối cùng.",
        "letters": "Số thứ tự của thư.",
        "level": "Cấp của đơn vị: xã, huyện, tỉnh hoặc trung ương.",
        "mean": "Điểm trung bình của hội đồng trung ương.",
        "members": "Số thành viên của hội đồng.",
        "minutes": "Số biên bản.",
        "note": "Ghi chú.",
        "number": "Số, ký hiệu văn bản.",
        "person": "Mã cán bộ.",
        "plan": "Tệp kế hoạch.",
        "planned": "Số sản phẩm dự kiến.",
        "procedure": "Mã quy trình mới.",
        "producer": "Chủ thể.",
        "product": "Sản phẩm.",
        "proposed_star": "Số sao đề nghị.",
        "purpose": "Mục đích của quyết định.",
        "reason": "Lý do.",
        "received_on": "Ngày nhận.",
        "refinement": "Văn bản làm rõ kế hoạch.",
        "registered_on": "Ngày đăng ký.",
        "reported_on": "Ngày báo cáo.",
        "requested_on": "Ngày yêu cầu.",
        "revoked_on": "Ngày thu hồi.",
        "roles": "Nhiệm vụ cán bộ khi tệp không nêu.",
        "roll": "Khi rơi vào ngày nghỉ.",
        "round_key": "Mã đợt, khi kế hoạch có nhiều đợt.",
        "scores": "Điểm của từng thành viên.",
        "self_assessment": "Điểm tự đánh giá của chủ thể.",
        "signed_on": "Ngày ký.",
        "signer": "Người ký.",
        "since": "Từ ngày.",
        "stage": "Mã bước.",
        "substitute": "Mã cán bộ thay, ở cùng đơn vị; bỏ trống là không có người thay.",
        "supplemented_on": "Ngày bổ sung.",
        "suspend": "Cấp mà từ ngày đó chưa cơ quan nào có thẩm quyền: hồ sơ ở cấp đó tạm dừng.",
        "title": "Tên tài liệu minh chứng.",
        "to_day": "Đến hết ngày.",
        "unit": "Mã đơn vị.",
    }
)
"""By the option's name in an act."""

PART_WORDS: Mapping[str, str] = phrases(
    {
        "code": "Mã, tự đặt, không đổi.",
        "name": "Tên.",
        "commune": "Mã xã theo danh mục đơn vị hành chính.",
        "kind": "Loại hình: hợp tác xã, doanh nghiệp, hộ kinh doanh ...",
        "contact": "Người liên hệ.",
        "email": "Thư điện tử; không có thì thư được in và trao tay.",
        "phone": "Điện thoại.",
        "simulated": "Mô phỏng, không có thật.",
        "group": "Nhóm sản phẩm.",
        "community": "Điểm phần A, sản phẩm và sức mạnh cộng đồng, từ 0 đến 40.",
        "marketing": "Điểm phần B, khả năng tiếp thị, từ 0 đến 25.",
        "quality": "Điểm phần C, chất lượng sản phẩm, từ 0 đến 35.",
        "note": "Căn cứ tự chấm.",
    }
)
"""By the name of a part of a producer, a product or a self-assessment."""

ROW_WORDS: Mapping[str, str] = phrases(
    {
        "Goods.code": "Mã sản phẩm.",
        "Goods.group": "Nhóm sản phẩm.",
        "Goods.name": "Tên sản phẩm.",
        "Maker.code": "Mã chủ thể.",
        "Maker.commune": "Mã xã.",
        "Maker.email": "Thư điện tử.",
        "Maker.kind": "Loại hình.",
        "Maker.name": "Tên chủ thể.",
        "Maker.simulated": "Chủ thể mô phỏng, không có thật.",
        "Score.member": "Thành viên.",
        "Score.total": "Điểm.",
        "Score.chair": "Chủ tịch.",
        "Score.recused": "Lý do không chấm.",
        "DayEdit.day": "Ngày.",
        "DayEdit.kind": "Thành.",
        "DayEdit.name": "Tên ngày.",
        "Gate.star": "Hạng sao.",
        "Gate.passed": "Kết quả.",
        "Gate.reason": "Lý do không đạt.",
        "NewEvidence.kind": "Loại tài liệu.",
        "NewEvidence.title": "Tên tài liệu.",
        "NewEvidence.issued_on": "Ngày cấp.",
        "NewEvidence.expires_on": "Ngày hết hạn.",
        "NewEvidence.file_name": "Tên tệp.",
        "NewEvidence.file_sha256": "Tệp.",
    }
)
"""By the kind of a small record and the name of its part, where that differs from PART_WORDS."""

FIELD_WORDS: Mapping[str, str] = phrases(
    {
        "certificate": "Số giấy chứng nhận.",
        "complaint": "Kiến nghị.",
        "cycle": "Chu trình.",
        "dossier": "Hồ sơ.",
        "dossiers": "Hồ sơ.",
        "finding": "Phát hiện.",
        "letters": "Thư số.",
        "level": "Cấp.",
        "person": "Cán bộ.",
        "procedure": "Quy trình mới.",
        "stage": "Bước.",
        "substitute": "Người thay.",
        "unit": "Đơn vị.",
        "annul.document": "Số văn bản hủy kết quả.",
        "answer-complaint.document": "Số văn bản trả lời.",
        "complain.body": "Nội dung kiến nghị.",
        "complain.received_on": "Ngày nhận kiến nghị.",
        "correct-certificate.document": "Số văn bản đính chính.",
        "correct-certificate.number": "Số giấy chứng nhận mới.",
        "correct-decision.document": "Số văn bản đính chính.",
        "correct-decision.number": "Số quyết định đúng.",
        "correct-decision.purpose": "Quyết định về.",
        "correct-decision.signed_on": "Ngày ký đúng.",
        "correct-decision.signer": "Người ký đúng.",
        "decide.number": "Số quyết định.",
        "extend.day": "Hạn mới.",
        "keep.reason": "Lý do cụ thể.",
        "propose.number": "Số tờ trình.",
        "propose.signed_on": "Ngày tờ trình.",
        "recognise.number": "Số quyết định công nhận.",
        "record-central-result.certificate": "Số giấy chứng nhận 5 sao.",
        "record-central-result.held_on": "Ngày họp hội đồng trung ương.",
        "record-central-result.number": "Số quyết định của trung ương.",
        "record-finding.body": "Nội dung phát hiện.",
        "register.certificate": "Số giấy chứng nhận cũ.",
        "register.proposed_star": "Hạng sao đề nghị.",
        "report.findings": "Nội dung đánh giá của xã.",
        "report.number": "Số báo cáo.",
        "request-supplement.reason": "Lý do, những gì phải bổ sung.",
        "retract.requested_on": "Ngày đề nghị rút.",
        "submit.number": "Số công văn.",
        "submit.signed_on": "Ngày công văn.",
        "supplement.note": "Nội dung đã bổ sung.",
        "suspend.level": "Cấp tạm dừng.",
    }
)
"""What a form calls a value where nobody has to type a code; by its name, or by the act's name and its own."""

FIELD_HELP: Mapping[str, str] = phrases(
    {
        "document": "Số, ký hiệu ghi trên văn bản, ví dụ 99/UBND-VP.",
        "number": "Số, ký hiệu ghi trên văn bản, ví dụ 412/QĐ-UBND.",
        "signer": "Họ tên người ký trên văn bản.",
        "signed_on": "Không muộn hơn hôm nay, không sớm hơn bước trước đó.",
        "gates": "Yêu cầu tối thiểu của mỗi hạng sao theo bộ tiêu chí, ghi từ 3 sao đến hạng mà điểm đạt tới; không đạt thì ghi lý do. "
        "Thiếu yêu cầu của một hạng thì lấy hạng thấp hơn kế tiếp mà mọi yêu cầu đều đạt.",
        "evidence": "Tài liệu có thời hạn thì ghi ngày hết hạn; bản hết hạn vào ngày họp hội đồng thì hồ sơ bị giữ lại.",
        "accept-late.document": "Văn bản của cơ quan ban hành kế hoạch.",
        "acknowledge.note": "Việc đơn vị sẽ làm và thời gian làm.",
        "amend-plan.effective_at": "Bỏ trống là ngay bây giờ; không hạn nào được lùi về trước thời điểm này.",
        "amend-plan.plan": "Toàn văn kế hoạch đã sửa: chọn tệp, hoặc dán nội dung vào ô.",
        "amend-plan.refinement": "Văn bản làm rõ kế hoạch, nếu có: các giá trị trong đó thay giá trị của kế hoạch.",
        "adopt-plan.plan": "Kế hoạch của đơn vị: mỗi ngày không muộn hơn ngày của kế hoạch tỉnh cho cùng việc.",
        "annul.annulled_on": "Ngày của văn bản hủy kết quả.",
        "annul.due_on": "Hội đồng đánh giá lại chậm nhất ngày này; phải sau hôm nay.",
        "answer-complaint.answered_on": "Không sớm hơn ngày nhận kiến nghị.",
        "carry-over.reason": "Hồ sơ khép lại ở chu trình này và được đăng ký lại ở chu trình sau.",
        "complain.received_on": "Hạn trả lời tính theo ngày làm việc của kế hoạch, kể từ ngày này; ngày đầu không tính.",
        "complain.body": "Kiến nghị không làm dừng bước nào của hồ sơ.",
        "decide.signed_on": "Không sớm hơn ngày họp hội đồng. Điểm trung bình lấy từ kết quả đã ghi.",
        "edit-calendar.days": "Ngày bỏ khỏi lịch thì không cần tên.",
        "edit-calendar.document": "Văn bản quy định ngày nghỉ, ngày làm bù, ví dụ thông báo hoán đổi ngày làm việc.",
        "disqualify.reason": "Giấy tờ giả, thiếu điều kiện sản xuất, an toàn thực phẩm, hoặc hồ sơ không đầy đủ.",
        "end-leave.last_day": "Ngày vắng mặt cuối cùng; ghi ngày trước ngày đầu thì cả lần vắng mặt được bỏ.",
        "evaluate.held_on": "Phiên họp phải trước hạn của bước; phiên họp trong hạn được ghi sau hạn thì được liệt kê là ghi muộn.",
        "evaluate.members": "Số thành viên theo quyết định thành lập hội đồng, kể cả người vắng. Phiên họp cần đủ số người và có chủ tịch "
        "theo quy chế nêu trong kế hoạch.",
        "evaluate.minutes": "Số của biên bản họp hội đồng, ví dụ 01/BB-HĐ.",
        "evaluate.scores": "Tổng điểm của từng thành viên, từ 0 đến 100, nhiều nhất 3 chữ số thập phân. Thành viên thuộc chủ thể hoặc có xung "
        "đột lợi ích thì bỏ trống điểm và ghi lý do. Điểm trung bình không làm tròn: 69,995 là 3 sao.",
        "extend.boundary": "“Trước ngày” nghĩa là không kể ngày đó, “đến ngày”, “chậm nhất ngày” là kể cả ngày đó.",
        "extend.day": "Phải muộn hơn hạn đang áp dụng. Bản ghi quá hạn của hạn cũ được khép lại, không xóa.",
        "extend.level": "Bỏ trống thì gia hạn cho mọi đơn vị.",
        "extend.roll": "Ngày ấn định trong kế hoạch không tự dời khi rơi vào ngày nghỉ, trừ khi văn bản nói khác.",
        "extend.unit": "Mã đơn vị; chỉ ghi khi gia hạn cho một đơn vị.",
        "forgo.reason": "Lý do của tỉnh hoặc của chủ thể; sản phẩm giữ 4 sao.",
        "keep.because": "Sản phẩm được giữ lại thì huyện công nhận 3 sao.",
        "leave.substitute": "Người cùng đơn vị, nhận thư và giữ nhiệm vụ trong thời gian đó. Bỏ trống thì nhiệm vụ coi như khuyết.",
        "open-cycle.code": "Tự đặt, không đổi về sau, ví dụ ND-2025; mã hồ sơ bắt đầu bằng mã này.",
        "open-cycle.plan": "Toàn văn kế hoạch: chọn tệp, hoặc dán nội dung vào ô.",
        "open-cycle.refinement": "Văn bản làm rõ kế hoạch, nếu có: các giá trị trong đó thay giá trị của kế hoạch.",
        "open-cycle.round_key": "Chỉ ghi khi kế hoạch có nhiều đợt.",
        "propose.signed_on": "Không muộn hơn hôm nay.",
        "receive.received_on": "Ngày bộ phận tiếp nhận ký nhận hồ sơ; các thời hạn của luật tính từ ngày này.",
        "recognise.certificates": "Mỗi dòng một số, theo thứ tự của các hồ sơ; bỏ trống thì phần mềm đặt theo mã hồ sơ.",
        "recognise.signed_on": "Không sớm hơn ngày ký kết quả. Giấy chứng nhận có giá trị từ ngày này.",
        "record-central-result.certificate": "Chỉ khi đạt 5 sao; bỏ trống thì phần mềm đặt theo mã hồ sơ.",
        "record-central-result.mean": "Từ 90 điểm và đạt yêu cầu tối thiểu 5 sao thì được 5 sao.",
        "record-finding.found_on": "Cơ quan cấp giấy quyết định trong 15 ngày kể từ ngày phát hiện (Quyết định 26/2026/QĐ-TTg).",
        "record-finding.ground": "Sáu căn cứ thu hồi theo Quyết định 26/2026/QĐ-TTg.",
        "record-finding.document": "Số biên bản, kết luận ghi nhận phát hiện.",
        "register.carried_from": "Chỉ khi đăng ký lại hồ sơ đã chuyển kỳ của sản phẩm này.",
        "register.certificate": "Bắt buộc khi nâng hạng hoặc công nhận lại.",
        "register.changes": "Bắt buộc khi nâng hạng: sản phẩm thay đổi gì so với lần công nhận trước.",
        "register.kind": "Sản phẩm chưa từng được công nhận, hoặc đã bị thu hồi giấy chứng nhận, thì là lần đầu.",
        "register.self_assessment": "Điểm chủ thể tự chấm theo phiếu tự đánh giá: ghi đủ ba phần, hoặc bỏ trống cả ba.",
        "register.proposed_star": "Hạng chủ thể đề nghị: 3, 4 hoặc 5 sao; hạng được công nhận theo kết quả đánh giá.",
        "register.registered_on": "Ngày chủ thể nộp; sau hạn đầu tiên của chu trình thì bị từ chối hoặc chuyển đợt sau, theo kế hoạch.",
        "reorganise.day": "Ngày các đơn vị cũ kết thúc và đơn vị kế thừa bắt đầu.",
        "reorganise.suspend": "Chỉ ghi khi từ ngày đó chưa cơ quan nào có thẩm quyền ở cấp này.",
        "report.reported_on": "Ngày của báo cáo, không muộn hơn hôm nay.",
        "report.findings": "Xã đánh giá các nội dung thuộc phần mình, không chấm điểm, không phân hạng.",
        "request-supplement.reason": "Chủ thể đọc nguyên văn trong thư. Ngày của kế hoạch không dời.",
        "retract.reason": "Theo đề nghị của chủ thể.",
        "revoke.document": "Văn bản của chính cơ quan đã cấp giấy; tỉnh ghi thay khi trung ương thu hồi.",
        "set-target.document": "Văn bản đăng ký số sản phẩm của đơn vị.",
        "submit.signed_on": "Ngày công văn phải trước hạn gửi tỉnh; công văn trong hạn được ghi sau hạn thì được liệt kê là ghi muộn.",
        "suspend.since": "Từ ngày này không cơ quan nào giải quyết được hồ sơ ở cấp đó, và không thời hạn nào chạy.",
        "waive-evidence.title": "Đúng tên tài liệu ghi trong hồ sơ.",
    }
)
"""What stands beside a field of a form, in the words of the law and the plan; keyed like FIELD_WORDS."""

PART_HELP: Mapping[str, str] = phrases(
    {
        "Goods.code": "Tự đặt, không đổi; sản phẩm đã có mã thì ghi đúng mã đó.",
        "Goods.group": "Một trong sáu nhóm sản phẩm của chương trình, ví dụ Thực phẩm.",
        "Maker.code": "Tự đặt, không đổi; chủ thể đã có mã thì ghi đúng mã đó, thông tin liên hệ mới thay thông tin cũ.",
        "Maker.commune": "Theo danh mục đơn vị hành chính.",
        "Maker.email": "Không có thì thư được in và trao tay.",
        "Maker.kind": "Hợp tác xã, tổ hợp tác, doanh nghiệp, trang trại, hộ kinh doanh.",
    }
)
"""What stands beside a part of a small record."""

CHOICE_WORDS: Mapping[str, str] = phrases(
    {
        "Roles.move": "chuyển sang đơn vị mới",
        "Roles.end": "kết thúc cùng đơn vị",
        "Gate.passed.yes": "đạt",
        "Gate.passed.no": "không đạt",
    }
)
"""The words of choices that have no label where they are defined."""

ON_BEHALF_WORDS = "Văn bản cho phép và người ký, khi cấp trên nhập thay đơn vị không có cán bộ."
"""What lets a unit above enter an act."""


def of_act(words: Mapping[str, str], act: str, name: str) -> str | None:
    """Return the words for an act's value: those of that very act, else those of any; None when there are none."""
    return words.get(f"{act}.{name}", words.get(name))


def label(act: str, name: str) -> str:
    """Return what a form calls an act's value, without the full stop."""
    return Unstopped(of_act(FIELD_WORDS, act, name) or OPTION_WORDS[name])


def part_label(record: str, name: str) -> str:
    """Return what a form calls a part of a small record, without the full stop."""
    return Unstopped(ROW_WORDS.get(f"{record}.{name}") or PART_WORDS[name])
