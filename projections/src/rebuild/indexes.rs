//! Indexes of the big tables, made after these are filled: one sort instead of millions of
//! descents. Primary keys stay, for changes of rows that are there.

use sqlx::{AssertSqlSafe, PgConnection};

use super::compare::TABLES;

/// The tables that nearly every event adds a row to.
const BIG_TABLES: [&str; 2] = ["messages", "feed"];

/// Memory of a sort.
const SORT_MEMORY: &str = "256MB";

/// An index that was taken away.
#[derive(Debug)]
pub(super) struct Index {
    /// `CREATE INDEX …`, naming the schema.
    definition: String,
}

/// Drops the indexes of the big tables in the schema of this session.
pub(super) async fn take_away(db: &mut PgConnection) -> Result<Vec<Index>, sqlx::Error> {
    let tables = BIG_TABLES.map(str::to_owned);
    let found = sqlx::query!(
        r#"SELECT i.indexrelid::regclass::text AS "name!",
                  pg_get_indexdef(i.indexrelid) AS "definition!"
           FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
           WHERE t.relnamespace = current_schema()::regnamespace AND t.relname = ANY($1)
             AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)"#,
        &tables,
    )
    .fetch_all(&mut *db)
    .await?;
    let mut indexes = Vec::new();
    for index in found {
        // The name comes quoted, as the database itself writes it.
        let drop = AssertSqlSafe(format!("DROP INDEX {}", index.name));
        sqlx::raw_sql(drop).execute(&mut *db).await?;
        indexes.push(Index { definition: index.definition });
    }
    Ok(indexes)
}

/// Makes them again.
pub(super) async fn make(db: &mut PgConnection, indexes: &[Index]) -> Result<(), sqlx::Error> {
    let memory = AssertSqlSafe(format!("SET maintenance_work_mem = '{SORT_MEMORY}'"));
    sqlx::raw_sql(memory).execute(&mut *db).await?;
    for index in indexes {
        let create = AssertSqlSafe(index.definition.clone());
        sqlx::raw_sql(create).execute(&mut *db).await?;
    }
    Ok(())
}

/// Statistics, so that the first queries after the swap are planned for what is there.
pub(super) async fn analyze(db: &mut PgConnection) -> Result<(), sqlx::Error> {
    let analyze = AssertSqlSafe(format!("ANALYZE {}", TABLES.join(", ")));
    sqlx::raw_sql(analyze).execute(db).await?;
    Ok(())
}
