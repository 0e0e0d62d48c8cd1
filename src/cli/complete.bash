# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The part of the bash completion script that no table makes. complete.c puts the functions
# _vectorize_commands, _vectorize_options, _vectorize_values and _vectorize_arguments in front of
# it. Lines that start with "#" are not in the script.
#
# shellcheck disable=SC2207 # splitting into words is what COMPREPLY wants

_vectorize_offer() {
    local kind=${1%% *}
    case $kind in
    files) COMPREPLY=($(compgen -f -- "$cur")) ;;
    models)
        COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" model list --quiet 2>/dev/null |
            awk 'NR > 1 { print $1 }')" -- "$cur") $(compgen -d -- "$cur")) ;;
    words) COMPREPLY=($(compgen -W "${1#words}" -- "$cur")) ;;
    esac
}

_vectorize() {
    local cur=${COMP_WORDS[COMP_CWORD]} before=$((COMP_CWORD - 1)) command="" i word offer
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        [[ $word == -* || $word == help ]] && continue
        [[ " $(_vectorize_commands "$command" | tr "\n" " ") " == *" $word "* ]] || break
        command+=${command:+ }$word
    done
    # bash splits at "=", so that --format=npy comes as three words.
    [[ $cur == = ]] && cur="" before=$COMP_CWORD
    [[ ${COMP_WORDS[before]} == = ]] && before=$((before - 1))
    offer=$(_vectorize_values "$command ${COMP_WORDS[before]}")
    if [[ -n $offer ]]; then
        _vectorize_offer "$offer"
    elif [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$(_vectorize_options "$command")" -- "$cur"))
    elif [[ -n $(_vectorize_commands "$command") ]]; then
        COMPREPLY=($(compgen -W "$(_vectorize_commands "$command")" -- "$cur"))
    else
        _vectorize_offer "$(_vectorize_arguments "$command")"
    fi
}

complete -F _vectorize vectorize
