//! Questions about people.

use async_graphql::{Context, Object};

use super::count_if_asked;
use crate::cursor::{End, Field, List, PageArgs, Window};
use crate::fault::Fault;
use crate::schema::connection::UserConnection;
use crate::schema::sight::Look;
use crate::schema::user::User;

/// Queries of people.
#[derive(Debug, Default)]
pub(crate) struct PeopleQueries;

#[Object]
impl PeopleQueries {
    /// The viewer.
    async fn me(&self, ctx: &Context<'_>) -> Result<User, Fault> {
        User::named(ctx, ctx.viewer()?).await
    }

    /// Who has an address; null when nobody has.
    async fn user_by_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The address, in upper or lower case.")] email: String,
    ) -> Option<Result<User, Fault>> {
        user_by_email(ctx, &email).await.transpose()
    }

    /// Whom the viewer has taken up as contacts, in the order in which that was done.
    async fn contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Length of the page, 1 to 100; 50 when nothing is said.")] first: Option<
            i32,
        >,
        #[graphql(desc = "The page starts behind the item with this cursor.")] after: Option<
            String,
        >,
    ) -> Result<UserConnection, Fault> {
        let viewer = ctx.viewer()?;
        let list = List { field: Field::Contacts, of: viewer.0 };
        let args = PageArgs { first, after, ..PageArgs::default() };
        let window: Window = args.window(list, End::First)?;
        let tables = ctx.loads().tables();
        let found = tables.contacts_of(viewer, window).await?;
        let count = count_if_asked(ctx, tables.contact_count_of(viewer)).await?;
        let users = ctx.loads().users(found.items.iter().map(|contact| contact.user)).await?;
        let found = found.try_map(|contact| {
            let user = users.get(&contact.user).cloned();
            let missing = || Fault::Unavailable(format!("user {} has no row", contact.user));
            Ok((contact.added_position, User::from(user.ok_or_else(missing)?)))
        })?;
        Ok(UserConnection::of(list, &window, found, count))
    }
}

async fn user_by_email(ctx: &Context<'_>, email: &str) -> Result<Option<User>, Fault> {
    ctx.viewer()?;
    // What is no address is nobody's.
    let Some(key) = events::email::normalise(email) else { return Ok(None) };
    let Some(id) = ctx.loads().tables().user_by_email(&key).await? else { return Ok(None) };
    Ok(ctx.loads().user(id).await?.filter(|row| row.active).map(User::from))
}
