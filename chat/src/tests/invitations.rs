//! Invitations that expire.

use super::world::World;

#[tokio::test]
async fn c3_all_invitations_that_expired_end_at_once() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let mut writing = world.write_lock().await;
    sqlx::query(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 250) \
         INSERT INTO conversation (id, kind, title, created_at) SELECT 1000 + n, 1, 'Club', 1 FROM n; \
         INSERT INTO invitation (conversation_id, user_id, invited_by, created_at) \
            SELECT id, ?1, ?2, 1 FROM conversation WHERE id > 1000; \
         COMMIT",
    )
    .bind(ben.person.id.0)
    .bind(anna.person.id.0)
    .execute(&mut writing)
    .await
    .expect("writes");
    assert_eq!(world.chat.invitations(&ben.person).await.expect("a list").len(), 100);
    world.chat.sweep().await.expect("sweeps");
    assert_eq!(world.chat.invitations(&ben.person).await.expect("a list"), []);
}
