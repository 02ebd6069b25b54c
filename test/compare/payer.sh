# Does what compare asks of a payer, through the control API and the page. $1 is the action, $2 the page.
set -eu

post() {
  curl --silent --show-error --fail --output /dev/null --data "$2" "$SANDBOX_URL/_sandbox/$1"
}

# Goes back to the merchant as a browser does: by the link of the page, or by its form.
go_back() {
  page=$(curl --silent --show-error --fail "$1" | sed 's/&amp;/\&/g')
  link=$(printf '%s' "$page" | sed -n 's/.*data-testid="back-to-merchant" href="\([^"]*\)".*/\1/p')
  if [ -n "$link" ]; then
    curl --silent --show-error --fail --output /dev/null "$link"
    return
  fi
  form=$(printf '%s' "$page" | sed -n 's/.*<form method="post" action="\(http[^"]*\)".*/\1/p')
  fields=$(printf '%s' "$page" | grep -o '<input type="hidden" name="[^"]*" value="[^"]*">' | sed 's/.* name="\([^"]*\)" value="\([^"]*\)">/\1=\2/' | paste -s -d '&' -) || true
  curl --silent --show-error --fail --output /dev/null --data "$fields" "$form"
}

case "$1" in
  wait) post clock/advance "{\"by\":\"PT${COMPARE_SECONDS}S\"}" ;;
  return) go_back "$2" ;;
  *) post "payments/$COMPARE_PAYMENT/actions" "{\"action\":\"$1\"}" ;;
esac
