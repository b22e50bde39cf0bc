//! What holds in memory holds over NATS.

use bus::{Bus, Subject, Unanswered};
use protocol::chat::Event;

use crate::world::{Ends, PATIENCE, direct, event, room, soon};

static NEWS: Subject = Subject::literal("news");
static OTHER: Subject = Subject::literal("news.other");

#[tokio::test]
async fn a_room_reaches_those_who_hold_it_in_order_and_direct_parcels_reach_everybody() {
    for ends in Ends::both().await {
        let (here, there) = (ends.here.subscribe(200), ends.there.subscribe(200));
        here.hold(room("live://1"));
        here.hold(room("live://1"));
        there.hold(room("live://2"));
        ends.settle().await;
        for number in 1..=100 {
            ends.there.publish(&event("live://1", number)).unwrap();
            ends.there.publish(&event("live://2", number)).unwrap();
        }
        ends.there.publish(&direct()).unwrap();
        for (subscription, name) in [(&here, "live://1"), (&there, "live://2")] {
            let mut got = Vec::new();
            while got.len() < 101 {
                got.push(soon(subscription.next()).await);
            }
            assert!(subscription.try_next().is_none(), "{}", ends.name);
            let rooms: Vec<Event> = got.iter().filter(|event| **event != direct()).cloned().collect();
            let wanted: Vec<Event> = (1..=100).map(|number| event(name, number)).collect();
            assert_eq!(rooms, wanted, "{}", ends.name);
        }
    }
}

#[tokio::test]
async fn a_released_room_is_not_heard_any_more_and_a_dropped_subscriber_is_in_nobodys_way() {
    for ends in Ends::both().await {
        let (here, gone) = (ends.here.subscribe(8), ends.there.subscribe(0));
        here.hold(room("live://1"));
        gone.hold(room("live://1"));
        drop(gone);
        ends.settle().await;
        ends.there.publish(&event("live://1", 1)).unwrap();
        assert_eq!(soon(here.next()).await, event("live://1", 1), "{}", ends.name);
        here.release(&room("live://1"));
        ends.settle().await;
        ends.there.publish(&event("live://1", 2)).unwrap();
        ends.there.publish(&direct()).unwrap();
        assert_eq!(soon(here.next()).await, direct(), "{}", ends.name);
    }
}

#[tokio::test]
async fn a_letter_reaches_every_mailbox_that_listens_and_nobody_else() {
    for ends in Ends::both().await {
        let (first, second, other) = (ends.here.open(8), ends.there.open(8), ends.there.open(8));
        first.listen(&NEWS);
        first.listen(&NEWS);
        second.listen(&NEWS);
        other.listen(&OTHER);
        ends.settle().await;
        ends.here.post(&NEWS, "one").unwrap();
        ends.here.post(&OTHER, "two").unwrap();
        for (mailbox, body) in [(&first, "one"), (&second, "one"), (&other, "two")] {
            assert_eq!(soon(mailbox.next()).await.body, body, "{}", ends.name);
        }
        second.ignore(&NEWS);
        second.listen(&OTHER);
        ends.settle().await;
        ends.here.post(&NEWS, "three").unwrap();
        ends.here.post(&OTHER, "four").unwrap();
        assert_eq!(soon(second.next()).await.body, "four", "{}", ends.name);
        assert_eq!(soon(first.next()).await.body, "three", "{}", ends.name);
    }
}

#[tokio::test]
async fn a_question_is_answered_once_and_says_where_nobody_is() {
    for ends in Ends::both().await {
        let mailbox = ends.there.open(8);
        mailbox.listen(&NEWS);
        ends.settle().await;
        let answering = async {
            let question = mailbox.next().await;
            assert!(question.is_question());
            ends.there.answer(&question, [&question.body[..], b"!"].concat()).unwrap();
            ends.there.answer(&question, "again").unwrap();
        };
        let (answer, ()) = tokio::join!(ends.here.ask(&NEWS, "who", PATIENCE), answering);
        assert_eq!(answer.unwrap(), "who!", "{}", ends.name);
        assert_eq!(ends.here.ask(&OTHER, "who", PATIENCE).await, Err(Unanswered::Nobody), "{}", ends.name);
        let silence = ends.here.ask(&NEWS, "who", std::time::Duration::ZERO).await;
        assert_eq!(silence, Err(Unanswered::Late), "{}", ends.name);
    }
}

/// Who begins to hold a room and then asks for its past misses nothing in between.
#[tokio::test]
async fn after_an_answer_everything_is_heard_that_was_listened_for_before_the_question() {
    for ends in Ends::both().await {
        let past = ends.there.open(8);
        past.listen(&NEWS);
        ends.settle().await;
        let numbering = async {
            let question = past.next().await;
            // Numbered in the moment of the answer: it is not in there, and must be heard.
            ends.there.answer(&question, "past").unwrap();
            ends.there.publish(&event("live://1", 1)).unwrap();
        };
        let edge = ends.here.subscribe(8);
        edge.hold(room("live://1"));
        let (answer, ()) = tokio::join!(ends.here.ask(&NEWS, "", PATIENCE), numbering);
        assert_eq!(answer.unwrap(), "past", "{}", ends.name);
        assert_eq!(soon(edge.next()).await, event("live://1", 1), "{}", ends.name);
    }
}

#[tokio::test]
async fn clones_are_one_bus_and_everything_is_counted() {
    for ends in Ends::both().await {
        let clone: Bus = ends.here.clone();
        let before = clone.counts();
        assert!(clone.is_connected(), "{}", ends.name);
        (0..10).for_each(|_| ends.here.post(&NEWS, "").unwrap());
        assert_eq!(clone.counts().posted, before.posted + 10, "{}", ends.name);
        assert_eq!((before.refused, before.lost_full, before.lost_unsure), (0, 0, 0), "{}", ends.name);
    }
}
