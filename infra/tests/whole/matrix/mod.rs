//! Who may do what: every mutation by everybody, over GraphQL and as a plain command.

mod scene;
mod table;

use futures::stream::{self, StreamExt};
use serde_json::{Map, Value, json};

use self::scene::{Role, Scene, World};
use self::table::{Row, TABLE};
use crate::server::{Server, command};

/// Cells that are tried at the same time.
const CELLS_MAX: usize = 6;
/// Mutations that are no commands of the plain endpoint.
const GRAPHQL_ONLY: [&str; 4] = ["logIn", "refreshSession", "logOut", "setTyping"];

/// `OK`, or the code that it is refused with.
async fn over_graphql(server: &Server, row: &Row, scene: &Scene) -> String {
    let data = (row.data)(scene);
    let (variables, arguments, values) = match row.input {
        Some(input) => {
            (format!("$input: {input}!"), "input: $input".to_owned(), json!({ "input": data }))
        }
        None => arguments(data.as_object().unwrap(), &data),
    };
    let (name, asks) = (row.mutation, row.selection);
    let document = format!("mutation({variables}) {{ {name}({arguments}) {asks} }}");
    let answer = server.ask(scene.token(), None, &document, values).await;
    if let Some(code) = answer["errors"][0]["extensions"]["code"].as_str() {
        return code.to_owned();
    }
    assert!(!answer["data"][name].is_null(), "{document}: {answer}");
    "OK".to_owned()
}

/// Arguments of their own instead of an input.
fn arguments(fields: &Map<String, Value>, data: &Value) -> (String, String, Value) {
    let kind = |name: &str| if name.ends_with("Id") { "ID!" } else { "String!" };
    let variables = fields.keys().map(|name| format!("${name}: {}", kind(name)));
    let arguments = fields.keys().map(|name| format!("{name}: ${name}"));
    let join = |parts: Vec<String>| parts.join(", ");
    (join(variables.collect()), join(arguments.collect()), data.clone())
}

async fn as_a_command(server: &Server, row: &Row, scene: &Scene) -> String {
    let command = command(row.mutation, &(row.data)(scene));
    let reply = server.put(scene.token(), &command).await;
    if reply.status.is_success() { "OK".to_owned() } else { reply.problem().0.to_owned() }
}

/// Tries each cell in a scene of its own; gives those that are not as the table says.
async fn strayed<F>(world: &World, rows: Vec<&Row>, ask: impl Fn(usize, Scene) -> F) -> Vec<String>
where
    F: Future<Output = String>,
{
    let ask = &ask;
    let cells = rows.iter().enumerate().flat_map(|(at, row)| {
        Role::ALL.iter().zip(row.expected).map(move |(role, expected)| async move {
            let told = ask(at, Scene::of(world, *role).await).await;
            (told != expected).then(|| format!("{} by {role:?}: {told}, not {expected}", row.name))
        })
    });
    let cells: Vec<_> = cells.collect();
    stream::iter(cells).buffer_unordered(CELLS_MAX).filter_map(async |cell| cell).collect().await
}

#[tokio::test]
async fn everybody_may_do_over_graphql_what_the_table_says() {
    let world = World::new().await;
    let rows: Vec<&Row> = TABLE.iter().collect();
    let strayed = strayed(&world, rows, async |at, scene: Scene| {
        over_graphql(&world.server, &TABLE[at], &scene).await
    });
    let strayed = strayed.await;
    assert!(strayed.is_empty(), "{strayed:#?}");
}

#[tokio::test]
async fn everybody_may_do_by_plain_commands_what_the_table_says() {
    let world = World::new().await;
    let plain = |row: &&Row| !GRAPHQL_ONLY.contains(&row.mutation);
    let rows: Vec<&Row> = TABLE.iter().filter(plain).collect();
    let of = rows.clone();
    let strayed = strayed(&world, rows, async |at, scene: Scene| {
        as_a_command(&world.server, of[at], &scene).await
    });
    let strayed = strayed.await;
    assert!(strayed.is_empty(), "{strayed:#?}");
}

/// Who may call these depends on wallets: they have a table of their own.
pub(crate) const OF_MONEY: [&str; 27] = [
    "approveTransfer",
    "authorizeSpending",
    "cancelScheduledPayment",
    "changePin",
    "closeDuesCycle",
    "closeWallet",
    "createDuesPlan",
    "declineTransfer",
    "deposit",
    "endDuesPlan",
    "exemptFromDues",
    "joinWallet",
    "leaveWallet",
    "openGroupWallet",
    "openWallet",
    "pauseScheduledPayment",
    "payDues",
    "refundTransfer",
    "removeWalletMember",
    "resumeScheduledPayment",
    "schedulePayment",
    "setApprovalsRequired",
    "setWalletLimits",
    "setWalletRole",
    "skipNextOccurrence",
    "transfer",
    "withdraw",
];

#[test]
fn every_mutation_has_its_row() {
    /// Of a type's fields; their arguments are indented twice.
    const INDENT: &str = "  ";
    let sdl = query::schema_sdl();
    let (_, mutations) = sdl.split_once("type Mutation {").unwrap();
    let (mutations, _) = mutations.split_once("\n}").unwrap();
    let fields = mutations.lines().filter_map(|line| line.strip_prefix(INDENT));
    let fields = fields.filter(|field| field.starts_with(|c: char| c.is_ascii_lowercase()));
    let names = fields.filter_map(|field| field.split(['(', ':']).next());
    // Lines of descriptions are no names.
    let is_name = |name: &&str| name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let names: Vec<&str> = names.filter(is_name).collect();
    assert!(names.len() >= 24, "{names:?}");
    for name in names {
        let has_row = TABLE.iter().any(|row| row.mutation == name);
        assert!(has_row || OF_MONEY.contains(&name), "{name} has no row");
    }
}
