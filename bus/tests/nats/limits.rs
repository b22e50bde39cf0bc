//! Every maximum is met, and what is past it is told or counted.

use bus::limits::{LETTER_BYTES_MAX, OUTGOING_BYTES_MAX};
use bus::nats::Config;
use bus::{Bus, Full, Subject};

use crate::world::{Ends, PATIENCE, direct, soon};

static NEWS: Subject = Subject::literal("news");

#[tokio::test]
async fn a_letter_may_be_as_large_as_its_maximum_and_not_one_byte_larger() {
    for ends in Ends::both().await {
        let mailbox = ends.there.open(8);
        mailbox.listen(&NEWS);
        ends.settle().await;
        ends.here.post(&NEWS, vec![7; LETTER_BYTES_MAX]).unwrap();
        assert_eq!(ends.here.post(&NEWS, vec![7; LETTER_BYTES_MAX + 1]), Err(Full));
        assert_eq!(soon(mailbox.next()).await.body.len(), LETTER_BYTES_MAX, "{}", ends.name);
        assert_eq!(ends.here.counts().refused, 1, "{}", ends.name);
    }
}

#[tokio::test]
async fn in_memory_a_full_subscriber_is_told_to_the_publisher_and_nobody_gets_the_parcel() {
    let bus = Bus::memory();
    let (small, large) = (bus.subscribe(2), bus.subscribe(8));
    let outcomes = [(); 3].map(|()| bus.publish(&direct()));
    assert_eq!(outcomes, [Ok(()), Ok(()), Err(Full)]);
    let waiting = |subscription: &bus::Subscription| std::iter::from_fn(|| subscription.try_next()).count();
    assert_eq!((waiting(&small), waiting(&large)), (2, 2));
    let counts = bus.counts();
    assert_eq!((counts.posted, counts.refused, counts.lost_full), (2, 1, 0));
}

#[tokio::test]
async fn over_nats_what_has_no_room_in_a_mailbox_is_lost_for_that_one_and_counted() {
    let ends = Ends::nats().await;
    let (small, large) = (ends.there.open(2), ends.there.open(8));
    for mailbox in [&small, &large] {
        mailbox.listen(&NEWS);
    }
    ends.settle().await;
    ["1", "2", "3"].into_iter().for_each(|body| ends.here.post(&NEWS, body).unwrap());
    for body in ["1", "2", "3"] {
        assert_eq!(soon(large.next()).await.body, body);
    }
    // The last letter has come to this process; one more round through NATS, and it has met the full mailbox too.
    soon(async {
        while ends.there.counts().lost_full == 0 {
            ends.there.settle(PATIENCE).await.unwrap();
        }
    })
    .await;
    assert_eq!(ends.there.counts().lost_full, 1);
    assert_eq!([small.next().await.body, small.next().await.body], ["1", "2"]);
}

#[tokio::test]
async fn what_waits_for_a_nats_that_is_not_there_is_bounded_in_bytes() {
    // Nothing listens on the port of a listener that is closed.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let bus = Bus::nats(&Config::new(vec![format!("nats://{address}")], "test")).await.unwrap();
    assert!(!bus.is_connected());
    // The postman and its client take some letters into their own hands: at most 64, and 256 commands.
    let letters = OUTGOING_BYTES_MAX / LETTER_BYTES_MAX + 64 + 256 + 1;
    let told: Vec<_> = (0..=letters).map(|_| bus.post(&NEWS, vec![0; LETTER_BYTES_MAX])).collect();
    assert_eq!(told.last(), Some(&Err(Full)));
    assert!(bus.counts().refused > 0);
}
