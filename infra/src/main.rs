//! The one binary, `moim`: a file a subcommand in `cli/`.

fn main() -> std::process::ExitCode {
    infra::cli::main()
}
