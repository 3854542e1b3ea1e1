//! What people are called and what they say, in Korean and English.

use super::dice::Dice;

const FAMILY: [&str; 16] = [
    "김", "이", "박", "최", "정", "강", "조", "윤", "장", "임", "한", "오", "서", "신", "권", "황",
];
const GIVEN: [&str; 24] = [
    "민지", "서연", "지우", "하은", "도윤", "시우", "준호", "예린", "수아", "지훈", "현우", "채원",
    "은서", "태윤", "다은", "승현", "유진", "소희", "정민", "가온", "나래", "보람", "슬기", "한결",
];
const FIRST: [&str; 20] = [
    "Alice", "Ben", "Chloe", "Daniel", "Emma", "Felix", "Grace", "Henry", "Iris", "Jack", "Kate",
    "Liam", "Mia", "Noah", "Olivia", "Paul", "Quinn", "Ruby", "Sam", "Tess",
];
const LAST: [&str; 16] = [
    "Ahn", "Baker", "Clarke", "Diaz", "Evans", "Foster", "Green", "Hughes", "Ito", "Jensen",
    "Kowalski", "Lopez", "Morgan", "Novak", "O'Brien", "Park",
];

const GROUPS_KO: [&str; 12] = [
    "한강 러닝 크루",
    "동네 독서 모임",
    "주말 등산회",
    "사진 산책",
    "수요 합창단",
    "보드게임 클럽",
    "마을 텃밭",
    "자전거 여행",
    "홈카페 연구소",
    "영어 스터디",
    "풋살 팀",
    "강아지 산책",
];
const GROUPS_EN: [&str; 10] = [
    "Sunday Hikers",
    "Book Club",
    "Film Nights",
    "Choir",
    "Climbing Wall",
    "Board Games",
    "Bread Bakers",
    "Chess at Noon",
    "Sea Swimmers",
    "Jazz Listeners",
];
const ABOUT: [&str; 6] = [
    "매주 토요일 아침에 만나요. 처음 오시는 분도 환영합니다!",
    "회비는 한 달에 만 원, 장소는 그때그때 정해요.",
    "Everyone is welcome. Bring a friend, and something to share.",
    "공지와 일정은 여기에 올립니다.",
    "We meet twice a month; the rest is chat.",
    "",
];

const WHEN_KO: [&str; 12] = [
    "오늘 저녁",
    "내일 아침",
    "이번 토요일",
    "일요일 오후",
    "다음 주 화요일",
    "점심시간",
    "퇴근하고",
    "금요일 밤",
    "비가 그치면",
    "방학 때",
    "이번 달 말",
    "새벽",
];
const WHERE_KO: [&str; 12] = [
    "한강공원에서",
    "도서관 앞에서",
    "서울역에서",
    "우리 집에서",
    "학교 운동장에서",
    "연습실에서",
    "시장 입구에서",
    "북한산 입구에서",
    "카페에서",
    "회의실에서",
    "바닷가에서",
    "온라인으로",
];
const WHAT_KO: [&str; 14] = [
    "같이 뛸까요?",
    "만나는 거 맞죠?",
    "사진 찍기로 했어요.",
    "책 이야기를 나눠요.",
    "회비 정산할게요.",
    "떡볶이 먹을 사람?",
    "연습합시다!",
    "회의가 있습니다.",
    "자리를 예약해 뒀어요.",
    "비가 온대요.",
    "조금 늦을 것 같아요.",
    "준비물 챙겨 오세요.",
    "자전거를 빌릴 수 있어요.",
    "못 갈 것 같아요, 미안해요.",
];
const SHORT_KO: [&str; 16] = [
    "네",
    "좋아요!",
    "ㅋㅋㅋㅋ",
    "저도 갈게요",
    "확인했습니다",
    "감사합니다 :)",
    "와 대박",
    "헉 진짜요?",
    "수고하셨어요",
    "몇 시에 봐요?",
    "입금했어요",
    "다음에 봬요",
    "축하해요 🎉",
    "저는 패스할게요",
    "도착했어요",
    "거의 다 왔어요",
];

const WHEN_EN: [&str; 10] = [
    "Tonight",
    "Tomorrow at nine",
    "On Saturday",
    "After work",
    "Next Tuesday",
    "Over lunch",
    "If it stops raining",
    "On Friday night",
    "By the end of the month",
    "Early on Sunday",
];
const WHO_EN: [&str; 8] = [
    "we",
    "the three of us",
    "everyone",
    "the new members",
    "you and I",
    "some of us",
    "they",
    "I",
];
const DO_EN: [&str; 14] = [
    "could meet at the river",
    "will rehearse the second part",
    "need to book the room",
    "should try the longer route",
    "are cooking for twelve",
    "can share a ride",
    "have to settle the dues",
    "will read chapter seven",
    "are going to the market",
    "could watch the match together",
    "should bring warm clothes",
    "have the keys this time",
    "will take pictures",
    "might be a bit late",
];
const SHORT_EN: [&str; 14] = [
    "ok",
    "Count me in!",
    "haha",
    "Thanks a lot",
    "Sounds good",
    "Running late, sorry",
    "On my way",
    "Who else is coming?",
    "Paid 👍",
    "See you there",
    "Congratulations!",
    "Not this time, sorry",
    "Can somebody send the address?",
    "Same here",
];
/// Said so seldom that a search has to look far.
const RARE: [&str; 4] = ["자작나무 숲", "nightjar", "달무리", "ptarmigan"];
const RARE_PER_MILLE: usize = 1;

/// Emojis that people react with.
pub(super) const EMOJIS: [&str; 8] = ["👍", "❤️", "😂", "🎉", "🙏", "👀", "🔥", "👏🏽"];

/// A person's name.
pub(super) fn name(dice: &mut Dice) -> String {
    if dice.per_mille(650) {
        format!("{}{}", dice.pick(&FAMILY), dice.pick(&GIVEN))
    } else {
        format!("{} {}", dice.pick(&FIRST), dice.pick(&LAST))
    }
}

/// A channel's name and description.
pub(super) fn group(dice: &mut Dice, number: usize) -> (String, String) {
    let name = if dice.per_mille(600) { dice.pick(&GROUPS_KO) } else { dice.pick(&GROUPS_EN) };
    (format!("{name} {number}"), dice.pick(&ABOUT).to_owned())
}

/// Something to say.
pub(super) fn message(dice: &mut Dice) -> String {
    let mut text = if dice.per_mille(600) { korean(dice) } else { english(dice) };
    if dice.per_mille(30) {
        let more = if dice.per_mille(500) { korean(dice) } else { english(dice) };
        text = format!("{text}\n\n- {more}\n- {}", korean(dice));
    }
    if dice.per_mille(RARE_PER_MILLE) {
        text = format!("{text} ({})", dice.pick(&RARE));
    }
    text
}

fn korean(dice: &mut Dice) -> String {
    match dice.below(10) {
        0..4 => dice.pick(&SHORT_KO).to_owned(),
        4..6 => format!("{} {}", dice.pick(&WHEN_KO), dice.pick(&WHAT_KO)),
        _ => format!("{} {} {}", dice.pick(&WHEN_KO), dice.pick(&WHERE_KO), dice.pick(&WHAT_KO)),
    }
}

fn english(dice: &mut Dice) -> String {
    match dice.below(10) {
        0..4 => dice.pick(&SHORT_EN).to_owned(),
        4..9 => format!("{} {} {}.", dice.pick(&WHEN_EN), dice.pick(&WHO_EN), dice.pick(&DO_EN)),
        _ => {
            let (first, second) = (dice.pick(&DO_EN), dice.pick(&DO_EN));
            format!("{} {} {first}, or {second}?", dice.pick(&WHEN_EN), dice.pick(&WHO_EN))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use command::parse::{ChannelName, Description, MessageText, Username};

    #[test]
    fn all_that_is_said_is_what_clients_could_have_sent() {
        let mut dice = Dice::new(7);
        for number in 0..5_000 {
            let said = message(&mut dice);
            assert!(MessageText::parse(&said).is_ok(), "{said}");
            assert_eq!(Username::parse(&name(&mut dice)).map(|_| ()), Ok(()));
            let (name, about) = group(&mut dice, number);
            assert!(ChannelName::parse(&name).is_ok(), "{name}");
            assert!(Description::parse(Some(&about)).is_ok(), "{about}");
        }
    }
}
