# shellcheck shell=bash
# A user, a channel and a message to look at, made over the public API. Every command has an
# id of its own that is kept, so that making them again changes nothing.

demo_email=demo@example.com

# graphql BODY [TOKEN]: prints the answer; fails if it holds errors.
graphql() {
    local answer headers=(-H 'content-type: application/json')
    [ -n "${2:-}" ] && headers+=(-H "authorization: Bearer $2")
    answer=$(curl -sS -m 10 "${headers[@]}" -d "$1" "$api_url/graphql") || return
    printf '%s\n' "$answer"
    [[ "$answer" != *'"errors"'* ]]
}

sign_up_body() {
    printf '{"query":"mutation($i: SignUpInput!) { signUp(input: $i) { accessToken } }",'
    printf '"variables":{"i":{"commandId":"%s","email":"%s","username":"Demo","password":"%s"}}}' \
        "$demo_user_command" "$demo_email" "$demo_password"
}

create_channel_body() {
    printf '{"query":"mutation($i: CreateChannelInput!) '
    printf '{ createChannel(input: $i) { channel { id } } }",'
    printf '"variables":{"i":{"commandId":"%s","name":"Welcome"}}}' "$demo_channel"
}

send_message_body() {
    printf '{"query":"mutation($i: SendMessageInput!) '
    printf '{ sendMessage(input: $i) { message { id } } }",'
    printf '"variables":{"i":{"commandId":"%s","channelId":"%s","text":"안녕하세요!"}}}' \
        "$demo_message" "$demo_channel"
}

make_demo() {
    local answer token
    answer=$(graphql "$(sign_up_body)") || { echo "$answer"; return 1; }
    token=$(sed -n 's/.*"accessToken": *"\([^"]*\)".*/\1/p' <<<"$answer")
    graphql "$(create_channel_body)" "$token" && graphql "$(send_message_body)" "$token"
}

print_demo() {
    cat <<END

  Demo log-in   $demo_email / $demo_password

  In GraphiQL, log in first:

    mutation { logIn(input: { email: "$demo_email", password: "$demo_password" }) { accessToken } }

  then put the token under Headers, {"Authorization": "Bearer <accessToken>"}, and ask:

    query { me { username } channels { nodes { id name messages(last: 10) {
      nodes { seq kind text author { username } } } } } }

  and, in a second tab, listen to what comes:

    subscription { channelEvents(channelId: "$demo_channel") { __typename position
      ... on MessageSent { message { seq text } } } }
END
}
