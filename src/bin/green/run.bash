
# `green run`: options, then a program, then what that program completes by itself. By hand: what's above knows the options only.
_green_run() {
    local i=2 value=$2 before=$3
    if [[ ${COMP_WORDS[1]} != run ]]; then
        _green "$@"
        return
    fi
    # --hub=epoll is three words here.
    [[ $value == = ]] && value=
    [[ ${COMP_WORDS[COMP_CWORD]} == = ]] && before=${COMP_WORDS[COMP_CWORD - 1]}
    [[ ${COMP_WORDS[COMP_CWORD - 1]} == = ]] && before=${COMP_WORDS[COMP_CWORD - 2]}
    while ((i < COMP_CWORD)); do
        case ${COMP_WORDS[i]} in
        --) ((i += 1)); break ;;
        @OPTIONS@) [[ ${COMP_WORDS[i + 1]} == = ]] || ((i += 1)) ;;
        -*) ;;
        *) break ;;
        esac
        ((i += 1))
        while [[ ${COMP_WORDS[i]} == = ]]; do ((i += 2)); done
    done
    if ((i > COMP_CWORD)) || { ((i == COMP_CWORD)) && [[ $value == -* && $before != -- ]]; }; then
        _green "$1" "$value" "$before"
    elif ((i == COMP_CWORD)); then
        [[ $value != */* ]] || compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -A command -- "$value")
    elif declare -F _comp_command_offset >/dev/null; then
        _comp_command_offset "$i"
    elif declare -F _command_offset >/dev/null; then
        _command_offset "$i"
    else
        COMPREPLY=()
    fi
}
